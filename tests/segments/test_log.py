"""The membership log: what is packed comes out again, and memberships are the fold of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from coterie.segments import log
from coterie.segments.log import Entry, LogRow, Move

NUMBERS = st.frozensets(st.integers(1, 2**32 - 1) | st.integers(1, 40), max_size=30)
CAUSES = st.tuples(st.sampled_from(["event", "field", "clock", "hand", ""]), st.text("ab;, é", max_size=8))


@st.composite
def histories(draw: st.DrawFn) -> list[dict[int, BitMap]]:
    """Memberships of a few segments, instant after instant."""
    segments = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True))
    return draw(st.lists(st.fixed_dictionaries({pk: NUMBERS.map(BitMap) for pk in segments}), min_size=1, max_size=8))


def rows_of(history: list[dict[int, BitMap]]) -> list[LogRow]:
    """The log that leads through a history, from nobody."""
    now: dict[int, BitMap] = {}
    rows = []
    for position, after in enumerate(history, start=1):
        moves = {}
        for pk, members in after.items():
            before = now.get(pk, BitMap())
            move = Move(members - before, before - members, len(members))
            if move:
                moves[pk] = move
        now = after
        rows.append(LogRow(position, position, position, log.unpack(log.pack(Entry(moves)))))
    return rows


def test_it_works() -> None:
    entry = Entry(
        moves={
            7: Move(BitMap([1, 2]), BitMap([3]), 2),
            4: Move(BitMap(), BitMap([1]), 0, ((("hand", "user:x"), BitMap([1])), (("definition", "2"), None))),
        },
        people=[(("event", "purchase"), BitMap([1, 3])), (("field", "plan"), BitMap([2, 99]))],
        defined=[4],
        gone=[5],
    )
    read = log.unpack(log.pack(entry))
    assert list(read.transitions()) == [
        (4, 1, False, "hand", "user:x"),
        (7, 1, True, "event", "purchase"),
        (7, 2, True, "field", "plan"),
        (7, 3, False, "event", "purchase"),
    ]
    assert (read.defined, read.gone) == ([4], [5])
    # Who did not move is not told of.
    assert all(99 not in who for _, who in read.people)


@given(
    st.dictionaries(st.integers(1, 2**31), st.tuples(NUMBERS, NUMBERS, CAUSES), max_size=5),
    st.lists(st.tuples(CAUSES, NUMBERS), max_size=5),
)
@settings(max_examples=60)
def test_what_is_packed_comes_out(
    moves: dict[int, tuple[frozenset[int], frozenset[int], tuple[str, str]]],
    people: list[tuple[tuple[str, str], frozenset[int]]],
) -> None:
    entry = Entry(
        moves={
            pk: Move(BitMap(entered), BitMap(left - entered), 0, ((cause, BitMap(entered)),))
            for pk, (entered, left, cause) in moves.items()
        },
        people=[(cause, BitMap(who)) for cause, who in people],
    )
    read = log.unpack(log.pack(entry))
    assert list(read.transitions()) == list(entry.transitions())
    reasons = {pk: list(read.reasons(pk)) for pk in read.moves}
    as_sets = [
        (pk, number, came, *reason.cause)
        for pk, found in reasons.items()
        for reason in found
        for came, who in ((True, reason.entered), (False, reason.left))
        for number in who
    ]
    assert sorted(as_sets) == sorted(read.transitions())


@given(histories())
@settings(max_examples=60)
def test_memberships_are_the_fold_of_the_log(history: list[dict[int, BitMap]]) -> None:
    rows = rows_of(history)
    for upto in range(len(rows) + 1):
        folded: dict[int, BitMap] = {}
        log.fold(rows[:upto], folded)
        expected = history[upto - 1] if upto else {}
        for pk, members in history[-1].items():
            assert folded.get(pk, BitMap()) == expected.get(pk, BitMap())
            # And back again: a move is exact, so undoing the later rows gives the same.
            assert log.unfold(reversed(rows[upto:]), pk, members) == expected.get(pk, BitMap())


@given(histories(), st.data())
@settings(max_examples=60)
def test_a_snapshot_taken_anywhere_gives_the_same(history: list[dict[int, BitMap]], data: st.DataObject) -> None:
    rows = rows_of(history)
    cut = data.draw(st.integers(0, len(rows)))
    members: dict[int, BitMap] = {}
    log.fold(rows[:cut], members)
    # Rows before the snapshot are read again: a snapshot newer than where reading begins must not suffer.
    start = data.draw(st.integers(0, cut))
    log.fold(rows[start:], members, since=dict.fromkeys(history[-1], cut))
    assert {pk: members.get(pk, BitMap()) for pk in history[-1]} == history[-1]


def test_a_segment_that_is_gone_has_no_members() -> None:
    members: dict[int, BitMap] = {}
    moves = {3: Move(BitMap([1]), BitMap(), 1)}
    last = log.fold([LogRow(1, 1, 1, Entry(moves)), LogRow(2, 2, 2, Entry(gone=[3]))], members)
    assert (last, members) == (2, {})
