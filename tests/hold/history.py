"""What clients saw, and whether the final state can follow from it (after Jepsen's set and register checkers).

A request ends in one of three ways: it was acknowledged, it was refused, or nobody knows, since the connection broke or
the answer was a 5xx. What is not known may have happened or not. What was acknowledged must be there, or have been
replaced by a write that can come later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

INITIALLY = float("-inf")
NEVER = float("inf")


class Fate(Enum):
    """What a client knows of its request."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Write:
    """One write of a register. `ended` is when its answer came; a write of unknown fate may end at any time."""

    value: Any
    started: float
    ended: float = NEVER
    fate: Fate = Fate.UNKNOWN


@dataclass
class History:
    """Everything that was asked for.

    Registers are named by any hashable key, events by their message id, people who were identified once by their user
    id.
    """

    registers: dict[Hashable, list[Write]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, Fate] = field(default_factory=dict)
    newcomers: dict[str, Fate] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    def begin(self, key: Hashable, value: Any, *, at: float) -> Write:
        """Note that a write of a register is being asked for."""
        write = Write(value, at)
        self.registers[key].append(write)
        return write

    def initial(self, key: Hashable, value: Any) -> None:
        """Note what a register holds before anything else happens."""
        self.registers[key].append(Write(value, INITIALLY, INITIALLY, Fate.ACKNOWLEDGED))

    def note_events(self, ids: list[str], fate: Fate) -> None:
        """Note what is known of events; an acknowledged one stays acknowledged."""
        _note(self.events, ids, fate)

    def note_newcomers(self, ids: list[str], fate: Fate) -> None:
        """Note what is known of calls that identify someone for the first and only time."""
        _note(self.newcomers, ids, fate)

    @property
    def acknowledged_events(self) -> int:
        # A copy: clients go on in another thread.
        return sum(fate is Fate.ACKNOWLEDGED for fate in list(self.events.values()))

    @property
    def acknowledged_writes(self) -> int:
        """Writes of registers, without what they hold initially."""
        return sum(
            each.fate is Fate.ACKNOWLEDGED and each.started != INITIALLY
            for writes in list(self.registers.values())
            for each in list(writes)
        )


def _note(fates: dict[str, Fate], ids: list[str], fate: Fate) -> None:
    for each in ids:
        if fates.get(each) is not Fate.ACKNOWLEDGED:
            fates[each] = fate


def possible(writes: list[Write], final: Any) -> bool:
    """Whether a register can hold `final` at the end.

    It can when some write of that value was not refused and no acknowledged write began after it had ended.
    """
    last_start = max((each.started for each in writes if each.fate is Fate.ACKNOWLEDGED), default=INITIALLY)
    return any(each.value == final and each.fate is not Fate.REFUSED and last_start <= each.ended for each in writes)


def register_problems(history: History, final: Mapping[Hashable, Any]) -> list[str]:
    """Registers whose final value can't be; a register that is missing in `final` holds None."""
    found = []
    for key, writes in history.registers.items():
        value = final.get(key)
        if not possible(writes, value):
            last = [(each.value, each.fate.value) for each in writes[-6:]]
            found.append(f"{key}: holds {value!r}; the last writes were {last}")
    return found


def event_problems(sent: Mapping[str, Fate], stored: Mapping[str, int], *, where: str) -> list[str]:
    """What is lost, doubled, or was sent by nobody, in one store; `stored` counts what `sent` names."""
    lost = [each for each, fate in sent.items() if fate is Fate.ACKNOWLEDGED and not stored.get(each)]
    doubled = [each for each, count in stored.items() if count > 1]
    foreign = [each for each in stored if each not in sent]
    refused = [each for each, fate in sent.items() if fate is Fate.REFUSED and stored.get(each)]
    return [
        f"{where}: {len(ids)} {what}, such as {ids[:3]}"
        for what, ids in (
            ("acknowledged and lost", lost),
            ("stored twice", doubled),
            ("that nobody sent", foreign),
            ("refused and stored", refused),
        )
        if ids
    ]
