"""What can be wrong with a filter or a value, said with the place and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a filter.

    `path` is the place in the tree, such as `root.of[1].value`; `line` and `column` count from 1 and are there when
    the filter was read from a sentence.
    """

    path: str
    message: str
    expected: str = ""
    line: int | None = None
    column: int | None = None

    def at(self, line: int, column: int) -> "Problem":
        """The same fault with its place in the sentence."""
        return replace(self, line=line, column=column)

    def as_json(self) -> dict[str, Any]:
        """The fault as an error body shows it."""
        body: dict[str, Any] = {"path": self.path, "message": self.message, "expected": self.expected}
        if self.line is not None:
            body |= {"line": self.line, "column": self.column}
        return body


class InvalidFilter(InvalidInput):
    """The filter can't be used: it matches nobody until it is put right."""

    default_code = "invalid_filter"

    def __init__(self, problems: Sequence[Problem], *, details: dict[str, Any] | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        place = f"Line {first.line}, column {first.column}: " if first.line is not None else ""
        expected = f" Expected {first.expected}." if first.expected else ""
        rest = f" ({len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            f"{place}{first.message}{expected}{rest}",
            details={"problems": [problem.as_json() for problem in self.problems], **(details or {})},
        )


class SyntaxProblem(InvalidFilter):
    """The text does not read as a filter; says the line, the column, what was found and what could stand there."""

    default_code = "filter_syntax"

    def __init__(self, *, line: int, column: int, found: str, expected: Sequence[str], message: str = "") -> None:
        self.line = line
        self.column = column
        self.found = found
        self.expected = tuple(expected)
        super().__init__(
            [
                Problem(
                    path="",
                    message=message or f"Found {found}.",
                    expected=listed(self.expected),
                    line=line,
                    column=column,
                )
            ],
            details={"line": line, "column": column, "found": found, "expected": list(self.expected)},
        )


class UnknownField(InvalidFilter):
    """There is no such field; `nearest` are the known names most like it."""

    default_code = "unknown_field"

    def __init__(self, name: str, nearest: Sequence[str] = (), *, problem: Problem | None = None) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        self.problem = problem or Problem(
            path="", message=f'There is no field "{name}".', expected=listed(self.nearest)
        )
        super().__init__([self.problem], details={"field": name, "nearest": list(self.nearest)})

    def at(self, line: int, column: int) -> "UnknownField":
        """The same error with its place in the sentence."""
        return UnknownField(self.name, self.nearest, problem=self.problem.at(line, column))


class UnknownSegment(InvalidFilter):
    """There is no such segment, or the caller may not know of it."""

    default_code = "unknown_segment"

    def __init__(self, name: str, nearest: Sequence[str] = (), *, problem: Problem | None = None) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        self.problem = problem or Problem(
            path="", message=f'There is no segment "{name}".', expected=listed(self.nearest)
        )
        super().__init__([self.problem], details={"segment": name, "nearest": list(self.nearest)})

    def at(self, line: int, column: int) -> "UnknownSegment":
        """The same error with its place in the sentence."""
        return UnknownSegment(self.name, self.nearest, problem=self.problem.at(line, column))


class Rejected(InvalidInput):
    """A raw value does not convert to its field's type without loss; `reason` says why."""

    default_code = "rejected_value"

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason, details={"reasons": [reason.as_json()]})


def listed(words: Sequence[str], *, most: int = 12) -> str:
    """Words as a person lists them: `a, b or c`; beyond `most` the rest is left off."""
    shown = list(words[:most])
    if len(words) > most:
        return ", ".join(shown) + " ..."
    if len(shown) < 2:
        return "".join(shown)
    return ", ".join(shown[:-1]) + " or " + shown[-1]
