"""What can be wrong with a filter or a value, said with the place and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason

THE_END: Final = Reason("the_end", "the end")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a filter.

    `path` is the place in the tree, such as `root.of[1].value`; `line` and `column` count from 1 and are there when
    the filter was read from a sentence.
    """

    path: str
    message: Reason
    expected: Reason | None = None
    line: int | None = None
    column: int | None = None

    def at(self, line: int, column: int) -> "Problem":
        """The same fault with its place in the sentence."""
        return replace(self, line=line, column=column)

    @property
    def said(self) -> Reason:
        """What is wrong and what was expected, as one."""
        if self.expected is None:
            return self.message
        return Reason("expected", "{fault} Expected {expected}.", fault=self.message, expected=self.expected)

    def as_json(self) -> dict[str, Any]:
        """The fault as an error body shows it."""
        body: dict[str, Any] = {
            "path": self.path,
            "message": str(self.message),
            "expected": str(self.expected or ""),
            "reason": self.said.as_json(),
        }
        if self.line is not None:
            body |= {"line": self.line, "column": self.column}
        return body


class InvalidFilter(InvalidInput):
    """The filter can't be used: it matches nobody until it is put right."""

    default_code = "invalid_filter"

    def __init__(self, problems: Sequence[Problem], *, details: dict[str, Any] | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        said = first.said
        if first.line is not None:
            said = Reason(
                "at_place",
                "Line {line}, column {column}: {fault}",
                line=first.line,
                column=first.column or 1,
                fault=said,
            )
        if len(self.problems) > 1:
            said = Reason("and_more", "{fault} ({count} more)", fault=said, count=len(self.problems) - 1)
        super().__init__(
            said,
            details={"problems": [problem.as_json() for problem in self.problems], **(details or {})},
        )


class SyntaxProblem(InvalidFilter):
    """The text does not read as a filter; says the line, the column, what was found and what could stand there."""

    default_code = "filter_syntax"

    def __init__(
        self, *, line: int, column: int, found: str, expected: Sequence[str], message: Reason | None = None
    ) -> None:
        self.line = line
        self.column = column
        self.found = found
        self.expected = tuple(expected)
        super().__init__(
            [
                Problem(
                    path="",
                    message=message or Reason("found", "Found {found}.", found=_set_apart(found)),
                    expected=Reason.one_of(self.expected),
                    line=line,
                    column=column,
                )
            ],
            details={"line": line, "column": column, "found": str(found), "expected": list(map(str, self.expected))},
        )


def _set_apart(found: str) -> str:
    """As the words that were expected are; what has quotes of its own is set apart by them."""
    return found if isinstance(found, Reason) or found.startswith(("`", '"')) else f"`{found}`"


class UnknownField(InvalidFilter):
    """There is no such field; `nearest` are the known names most like it."""

    default_code = "unknown_field"

    def __init__(self, name: str, nearest: Sequence[str] = (), *, problem: Problem | None = None) -> None:
        self.name = name
        self.nearest = tuple(nearest)
        self.problem = problem or Problem(
            path="",
            message=Reason("no_such_field", 'There is no field "{field}".', field=name),
            expected=Reason.one_of(self.nearest),
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
        self.problem = problem or Problem(path="", message=no_segment(name), expected=Reason.one_of(self.nearest))
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


def no_segment(name: str) -> Reason:
    """That there is no segment of that name or id."""
    return Reason("no_segment", 'There is no segment "{segment}".', segment=name)


def characters(count: int) -> Reason:
    """So many characters, where something shorter was expected."""
    return Reason("characters", "{count} characters", count=count)


def inapplicable(label: str, subject: str) -> Reason:
    """That an operator does not apply to what it stands after."""
    return Reason("inapplicable", "`{label}` does not apply to {subject}.", label=label, subject=subject)
