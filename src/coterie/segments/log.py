"""The membership log: what one batch of the projector did to memberships, as bytes, and memberships folded from it.

A body is zlib'd JSON. Sets of people are portable roaring bitmaps in base64:

    {"causes": [[kind, ref], ...],
     "people": [[cause, set], ...]                   why these people were looked at, for every move of the batch
     "moves": {segment pk: [entered, left, size, own causes or null]},   own causes: [[cause, set or null], ...]
     "defined": [segment pk, ...], "gone": [segment pk, ...]}            definitions that changed, segments deleted
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson
from django.db.models import QuerySet
from pyroaring import BitMap

from coterie.kit import clock
from coterie.segments.models import MembershipLog

Cause = tuple[str, str]
NO_CAUSE: Final[Cause] = ("", "")
BROKEN: Final = "broken"
"""A cause whose ref is the code of a reason and its text: `uses_deleted: It uses a segment that was deleted.`"""


@dataclass(frozen=True)
class Move:
    """Who entered and left one segment, exactly: nobody entered who was in, nobody left who was not.

    `size` is the number of members after it. `causes` are reasons of this segment alone (its definition changed,
    someone added people by hand) and go before the batch's: the first counts that holds the person, or everyone (None).
    """

    entered: BitMap
    left: BitMap
    size: int
    causes: tuple[tuple[Cause, BitMap | None], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entered) or bool(self.left)

    def after(self, members: BitMap) -> BitMap:
        """The members after this move, as a new set."""
        result = members - self.left
        result |= self.entered
        return result

    def before(self, members: BitMap) -> BitMap:
        """The members before this move, as a new set: a move is exact, so it can be undone."""
        result = members - self.entered
        result |= self.left
        return result


class Transition(NamedTuple):
    """One person entering or leaving one segment."""

    segment: int
    number: int
    entered: bool
    cause: str
    ref: str


class Reason(NamedTuple):
    """One cause of a move, with those who entered and left because of it."""

    cause: Cause
    entered: BitMap
    left: BitMap


class Run(NamedTuple):
    """Those who entered, or left, one segment in one batch, each with the cause at the same place."""

    segment: int
    entered: bool
    numbers: list[int]
    causes: Sequence[Cause]


@dataclass
class Entry:
    """One batch: moves by segment pk, and why each person was looked at."""

    moves: dict[int, Move] = field(default_factory=dict)
    people: list[tuple[Cause, BitMap]] = field(default_factory=list)
    defined: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.moves or self.defined or self.gone)

    def __len__(self) -> int:
        """How many transitions it holds."""
        return sum(len(move.entered) + len(move.left) for move in self.moves.values())

    def runs(self) -> Iterator[Run]:
        """Who entered or left, always in the same order: by segment, those who entered first, then by number."""
        shared: dict[int, Cause] = {}
        for cause, who in self.people:
            shared.update(dict.fromkeys(who, cause))
        for segment in sorted(self.moves):
            move = self.moves[segment]
            for who, entered in ((move.entered, True), (move.left, False)):
                if who:
                    numbers = list(who)
                    yield Run(segment, entered, numbers, _causes(move, numbers, shared))

    def reasons(self, segment: int) -> Iterator[Reason]:
        """The causes that `runs` gives each person of one move, as sets: everyone who moved is in exactly one."""
        move = self.moves[segment]
        waiting = move.entered | move.left
        # The first of a segment's own causes counts, and the last of the batch's.
        for cause, who in (*move.causes, *reversed(self.people), (NO_CAUSE, None)):
            found = waiting if who is None else waiting & who
            if found:
                yield Reason(cause, move.entered & found, move.left & found)
                waiting = waiting - found
            if not waiting:
                return

    def transitions(self) -> Iterator[Transition]:
        """Every transition, in the order of `runs`."""
        for run in self.runs():
            for number, (kind, ref) in zip(run.numbers, run.causes, strict=True):
                yield Transition(run.segment, number, run.entered, kind, ref)


@dataclass(frozen=True)
class LogRow:
    """A row of the log, read."""

    position: int
    seq: int
    at_ms: int
    entry: Entry


def pack(entry: Entry) -> bytes:
    """The body of a log row."""
    causes: dict[Cause, int] = {}

    def row_of(cause: Cause) -> int:
        return causes.setdefault(cause, len(causes))

    moved = BitMap()
    for move in entry.moves.values():
        moved |= move.entered
        moved |= move.left
    people = [[row_of(cause), _text(numbers & moved)] for cause, numbers in entry.people if numbers & moved]
    moves = {}
    for pk, move in entry.moves.items():
        own = [[row_of(cause), None if who is None else _text(who)] for cause, who in move.causes]
        moves[str(pk)] = [_text(move.entered), _text(move.left), move.size, own or None]
    body = {
        "causes": list(causes),
        "people": people,
        "moves": moves,
        "defined": entry.defined,
        "gone": entry.gone,
    }
    return zlib.compress(orjson.dumps(body), 3)


def unpack(body: bytes | memoryview) -> Entry:
    """The entry in a body that `pack` made."""
    raw = orjson.loads(zlib.decompress(bytes(body)))
    causes: list[Cause] = [(kind, ref) for kind, ref in raw["causes"]]
    moves = {int(pk): _move(packed, causes) for pk, packed in raw["moves"].items()}
    people = [(causes[row], _set(text)) for row, text in raw["people"]]
    return Entry(moves=moves, people=people, defined=raw["defined"], gone=raw["gone"])


def read(workspace_id: int, after: int, *, upto: int | None = None, limit: int | None = None) -> Iterator[LogRow]:
    """Rows with a position above `after`, in order, up to `upto` (included)."""
    rows = MembershipLog.objects.of(workspace_id).filter(position__gt=after)
    if upto is not None:
        rows = rows.filter(position__lte=upto)
    return _rows(rows.order_by("position"), limit)


def read_back(workspace_id: int, upto: int, *, downto: int) -> Iterator[LogRow]:
    """Rows from position `upto` back to the one after `downto`, newest first."""
    rows = MembershipLog.objects.of(workspace_id).filter(position__gt=downto, position__lte=upto)
    return _rows(rows.order_by("-position"), None)


def fold(rows: Iterable[LogRow], members: dict[int, BitMap], *, since: dict[int, int] | None = None) -> int:
    """Apply rows to memberships by segment pk, in place; the answer is the last position, 0 without rows.

    `since` holds positions that a segment's set already includes: rows up to there do not touch it.
    """
    last = 0
    for row in rows:
        last = row.position
        for pk, move in row.entry.moves.items():
            if since is None or row.position > since.get(pk, 0):
                members[pk] = move.after(members.get(pk, BitMap()))
        for pk in row.entry.gone:
            members.pop(pk, None)
    return last


def unfold(rows: Iterable[LogRow], pk: int, members: BitMap) -> BitMap:
    """The members of one segment before these rows, given newest first."""
    for row in rows:
        move = row.entry.moves.get(pk)
        if move is not None:
            members = move.before(members)
    return members


def _rows(rows: QuerySet[MembershipLog], limit: int | None) -> Iterator[LogRow]:
    picked = rows.values_list("position", "seq", "at", "body")
    for position, seq, at, body in (picked if limit is None else picked[:limit]).iterator(chunk_size=200):
        yield LogRow(position, seq, clock.to_ms(at), unpack(body))


def _causes(move: Move, numbers: list[int], shared: Mapping[int, Cause]) -> Sequence[Cause]:
    """Why each of these people moved. A batch can move a million people, so the two common cases are kept short."""
    if not move.causes:
        return [shared.get(number, NO_CAUSE) for number in numbers]
    if move.causes[0][1] is None:
        return [move.causes[0][0]] * len(numbers)
    return [_own_cause(move, number) or shared.get(number, NO_CAUSE) for number in numbers]


def _own_cause(move: Move, number: int) -> Cause | None:
    for cause, who in move.causes:
        if who is None or number in who:
            return cause
    return None


def _move(packed: list[Any], causes: list[Cause]) -> Move:
    entered, left, size, own = packed
    mine = tuple((causes[row], None if text is None else _set(text)) for row, text in own or ())
    return Move(_set(entered), _set(left), size, mine)


def _text(numbers: BitMap) -> str:
    if not numbers:
        return ""
    numbers.run_optimize()
    return base64.b64encode(numbers.serialize()).decode()


def _set(text: str) -> BitMap:
    return BitMap.deserialize(base64.b64decode(text)) if text else BitMap()
