"""Regular expressions that RE2 takes, checked without RE2: what this accepts runs in linear time in ClickHouse."""

import re
import warnings
from collections.abc import Callable

MAX_LENGTH = 256
MAX_REPEAT = 1000
"""RE2 refuses a counted repeat beyond this, also when nested repeats multiply to more."""

_ESCAPED_LETTERS = frozenset("dDwWsSbBAtnrfv")
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII)
_GROUP = re.compile(r"\?(:|P<[A-Za-z_][A-Za-z0-9_]*>|[ims]*(-[ims]+)?:)")
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern can't be used, or None.

    Conservative: it takes what Python's `re` and RE2 both read, and read alike. Source: RE2's syntax page.
    """
    if not pattern:
        return "an empty pattern matches everything"
    if len(pattern) > MAX_LENGTH:
        return f"a pattern has at most {MAX_LENGTH} characters"
    if not pattern.isprintable() and any(ord(char) < 32 for char in pattern):
        return "a pattern can't hold control characters; write \\n or \\t"
    fault = _Scan(pattern).fault()
    if fault:
        return fault
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns where a set will change its meaning
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        return f"it is not a valid pattern: {error}"
    return None


class _Scan:
    """One pass over a pattern for what RE2 lacks: lookaround, back-references, possessive and atomic groups."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        # The largest product of counted repeats inside each open group; the outermost comes first.
        self.weights = [1]
        self.last_weight = 0  # of the piece a repeat would apply to; 0 when there is none

    def fault(self) -> str | None:
        while self.at < len(self.pattern):
            step = self._STEPS.get(self.pattern[self.at], _Scan._plain)
            fault = step(self)
            if fault:
                return f"{fault} (at character {self.at + 1})"
        return None

    def _plain(self) -> None:
        self.at += 1
        self.last_weight = 1

    def _escape(self) -> str | None:
        rest = self.pattern[self.at + 1 :]
        if not rest:
            return "it ends in a backslash"
        if _HEX.match(rest):
            self.at += 4
        elif rest[0] in _ESCAPED_LETTERS or (rest[0].isascii() and not rest[0].isalnum() and rest[0] != "_"):
            self.at += 2
        elif rest[0].isdigit():
            return "back-references can't be used"
        else:
            return f"the escape \\{rest[0]} can't be used"
        self.last_weight = 1
        return None

    def _set(self) -> str | None:
        self.at += 1
        if self.pattern[self.at : self.at + 1] == "^":
            self.at += 1
        if self.pattern[self.at : self.at + 1] == "]":
            self.at += 1
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            here = self.pattern[self.at]
            if here == "[":
                return "inside a set write \\[ for ["
            if here == "\\":
                if self.pattern[self.at + 1 : self.at + 2] in ("b", "B", "A"):
                    return f"the escape \\{self.pattern[self.at + 1]} can't stand in a set"
                fault = self._escape()
                if fault:
                    return fault
            else:
                self.at += 1
        if self.at >= len(self.pattern):
            return "a set [ is not closed"
        self.at += 1
        self.last_weight = 1
        return None

    def _open(self) -> str | None:
        if self.pattern.startswith("(?", self.at):
            group = _GROUP.match(self.pattern, self.at + 1)
            if not group:
                return "lookaround, conditions, atomic groups, comments and flags without a group can't be used"
            self.at = group.end()
        else:
            self.at += 1
        self.weights.append(1)
        self.last_weight = 0
        return None

    def _close(self) -> str | None:
        if len(self.weights) == 1:
            return "a ) has no ("
        self.last_weight = self.weights.pop()
        self.weights[-1] = max(self.weights[-1], self.last_weight)
        self.at += 1
        return None

    def _either(self) -> None:
        self.at += 1
        self.last_weight = 0

    def _anchor(self) -> None:
        self.at += 1
        self.last_weight = 0  # repeating a place makes no sense, and the engines differ on it

    def _repeat(self) -> str | None:
        counted = _REPEAT.match(self.pattern, self.at)
        if self.pattern[self.at] == "{" and not counted:
            return "write \\{ for {"
        if not self.last_weight:
            return "there is nothing to repeat"
        times = 1
        if counted:
            times = max(int(counted[1]), int(counted[3] or 0), 1)
            self.at = counted.end()
        else:
            self.at += 1
        weight = self.last_weight * times
        if weight > MAX_REPEAT:
            return f"repeats can't come to more than {MAX_REPEAT}"
        if self.pattern[self.at : self.at + 1] == "?":
            self.at += 1
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?", "{"):
            return "a repeat can't be repeated, and possessive repeats can't be used"
        self.weights[-1] = max(self.weights[-1], weight)
        self.last_weight = 0
        return None

    _STEPS: dict[str, Callable[["_Scan"], str | None]] = {
        "\\": _escape,
        "[": _set,
        "(": _open,
        ")": _close,
        "|": _either,
        "^": _anchor,
        "$": _anchor,
        "*": _repeat,
        "+": _repeat,
        "?": _repeat,
        "{": _repeat,
    }
