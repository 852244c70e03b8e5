"""Regular expressions that RE2 takes, checked without RE2: what this accepts runs in linear time in ClickHouse."""

import re
import warnings
from collections.abc import Callable

from coterie.kit.reasons import Reason

MAX_LENGTH = 256
MAX_REPEAT = 1000
"""RE2 refuses a counted repeat beyond this, also when nested repeats multiply to more."""

_ESCAPED_LETTERS = frozenset("dDwWsSbBAtnrfv")
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII)
_GROUP = re.compile(r"\?(:|P<[A-Za-z_][A-Za-z0-9_]*>|[ims]*(-[ims]+)?:)")
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")


def pattern_problem(pattern: str) -> Reason | None:
    """Why a pattern can't be used, or None.

    Conservative: it takes what Python's `re` and RE2 both read, and read alike. Source: RE2's syntax page.
    """
    if not pattern:
        return Reason("empty_pattern", "an empty pattern matches everything")
    if len(pattern) > MAX_LENGTH:
        return Reason("long_pattern", "a pattern has at most {most} characters", most=MAX_LENGTH)
    if not pattern.isprintable() and any(ord(char) < 32 for char in pattern):
        return Reason("control_in_pattern", "a pattern can't hold control characters; write \\n or \\t")
    fault = _Scan(pattern).fault()
    if fault:
        return fault
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns where a set will change its meaning
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        return Reason("no_pattern", "it is not a valid pattern: {fault}", fault=str(error))
    return None


class _Scan:
    """One pass over a pattern for what RE2 lacks: lookaround, back-references, possessive and atomic groups."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        # The largest product of counted repeats inside each open group; the outermost comes first.
        self.weights = [1]
        self.last_weight = 0  # of the piece a repeat would apply to; 0 when there is none

    def fault(self) -> Reason | None:
        while self.at < len(self.pattern):
            step = self._STEPS.get(self.pattern[self.at], _Scan._plain)
            fault = step(self)
            if fault:
                return Reason("in_pattern_at", "{fault} (at character {character})", fault=fault, character=self.at + 1)
        return Reason("open_group", "a ( has no )") if len(self.weights) > 1 else None

    def _plain(self) -> None:
        self.at += 1
        self.last_weight = 1

    def _escape(self) -> Reason | None:
        rest = self.pattern[self.at + 1 :]
        if not rest:
            return Reason("ends_in_backslash", "it ends in a backslash")
        if _HEX.match(rest):
            self.at += 4
        elif rest[0] in _ESCAPED_LETTERS or (rest[0].isascii() and not rest[0].isalnum() and rest[0] != "_"):
            self.at += 2
        elif rest[0].isdigit():
            return Reason("back_reference", "back-references can't be used")
        else:
            return Reason("no_escape", "the escape {escape} can't be used", escape=f"\\{rest[0]}")
        self.last_weight = 1
        return None

    def _set(self) -> Reason | None:
        self.at += 1
        if self.pattern[self.at : self.at + 1] == "^":
            self.at += 1
        if self.pattern[self.at : self.at + 1] == "]":
            self.at += 1
        while self.at < len(self.pattern) and self.pattern[self.at] != "]":
            here = self.pattern[self.at]
            if here == "[":
                return Reason("bracket_in_set", "inside a set write \\[ for [")
            if here == "\\":
                if self.pattern[self.at + 1 : self.at + 2] in ("b", "B", "A"):
                    return Reason(
                        "no_escape_in_set",
                        "the escape {escape} can't stand in a set",
                        escape=self.pattern[self.at :][:2],
                    )
                fault = self._escape()
                if fault:
                    return fault
            else:
                self.at += 1
        if self.at >= len(self.pattern):
            return Reason("open_set", "a set [ is not closed")
        self.at += 1
        self.last_weight = 1
        return None

    def _open(self) -> Reason | None:
        if self.pattern.startswith("(?", self.at):
            group = _GROUP.match(self.pattern, self.at + 1)
            if not group:
                return Reason(
                    "no_such_group",
                    "lookaround, conditions, atomic groups, comments and flags without a group can't be used",
                )
            self.at = group.end()
        else:
            self.at += 1
        self.weights.append(1)
        self.last_weight = 0
        return None

    def _close(self) -> Reason | None:
        if len(self.weights) == 1:
            return Reason("no_group_open", "a ) has no (")
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

    def _repeat(self) -> Reason | None:
        counted = _REPEAT.match(self.pattern, self.at)
        if self.pattern[self.at] == "{" and not counted:
            return Reason("brace", "write {written} for {meant}", written="\\{", meant="{")
        if not self.last_weight:
            return Reason("nothing_to_repeat", "there is nothing to repeat")
        times = 1
        if counted:
            times = max(int(counted[1]), int(counted[3] or 0), 1)
            self.at = counted.end()
        else:
            self.at += 1
        weight = self.last_weight * times
        if weight > MAX_REPEAT:
            return Reason("many_repeats", "repeats can't come to more than {most}", most=MAX_REPEAT)
        if self.pattern[self.at : self.at + 1] == "?":
            self.at += 1
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?", "{"):
            return Reason("repeat_of_repeat", "a repeat can't be repeated, and possessive repeats can't be used")
        self.weights[-1] = max(self.weights[-1], weight)
        self.last_weight = 0
        return None

    _STEPS: dict[str, Callable[["_Scan"], Reason | None]] = {
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
