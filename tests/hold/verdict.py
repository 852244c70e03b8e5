"""What is in the stores, opened afresh by a process of its own after the server has ended; one JSON object on stdout.

    python -m tests.hold.verdict

`problems` holds what contradicts itself: the database's own checks, gaps in the log, sets that differ from sets
computed anew from the index and from a plain Python reading of SQL, transitions that differ from the membership log.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import django

from tests.hold.load import EVENT, NEWCOMER, PANELS, SEGMENTS

if TYPE_CHECKING:
    from coterie.accounts.models import Workspace

MINUTE_MS: Final = 60_000


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "coterie.settings"
    django.setup()
    from coterie.accounts.models import Workspace
    from coterie.audience.engine import close_engine

    workspace = Workspace.objects.get()
    found = {
        "problems": [
            *_database_problems(),
            *_log_problems(workspace),
            *_left_over(workspace),
            *_index_problems(workspace),
            *_membership_problems(workspace),
            *_transition_problems(workspace),
        ],
        "log_events": _log_events(workspace),
        "index_events": _index_events(workspace),
        "newcomers": _newcomers(workspace),
        "scores": _scores(workspace),
        "segments": _segments(workspace),
        "panels": _panels(workspace),
        "sizes": _sizes(workspace),
    }
    close_engine()
    sys.stdout.write(json.dumps(found))


def _database_problems() -> list[str]:
    from django.db import connection

    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        problems = [f"integrity_check: {row[0]}" for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        return problems + [f"foreign_key_check: {row}" for row in cursor.fetchall()]


def _log_problems(workspace: Workspace) -> list[str]:
    from coterie.people import changes
    from coterie.people.models import Change
    from coterie.segments.models import MembershipHead, MembershipLog

    problems = []
    seqs = list(Change.objects.of(workspace).order_by("seq").values_list("seq", flat=True))
    if seqs != list(range(1, changes.head(workspace) + 1)):
        problems.append(f"the change log has gaps: {len(seqs)} rows, head {changes.head(workspace)}")
    rows = list(MembershipLog.objects.of(workspace).order_by("position").values_list("position", "seq"))
    head = MembershipHead.objects.filter(workspace=workspace).values_list("position", flat=True).first() or 0
    if [position for position, _ in rows] != list(range(1, head + 1)):
        problems.append(f"the membership log has gaps: {len(rows)} rows, head {head}")
    if any(a[1] > b[1] for a, b in pairwise(rows)):
        problems.append("the membership log is not in the order of the changes")
    return problems


def _left_over(workspace: Workspace) -> list[str]:
    from coterie.audience.startup import position_of
    from coterie.people import changes
    from coterie.tracking.models import Quarantine, RawBatch

    position = position_of(workspace).seq
    left = {
        "raw batches that were not drained": RawBatch.objects.of(workspace).count(),
        "events in quarantine": Quarantine.objects.of(workspace).count(),
        "changes that were not projected": changes.head(workspace) - position,
    }
    return [f"{count} {what}" for what, count in left.items() if count]


def _log_events(workspace: Workspace) -> dict[str, int]:
    from tests.support.tracked import events_of

    return Counter(event.message_id for event in events_of(workspace))


def _index_events(workspace: Workspace) -> dict[str, int]:
    from coterie.audience.engine import engine

    sql = "SELECT message_id, count() FROM events WHERE workspace = {w:UInt32} GROUP BY message_id"
    return {str(name): int(count) for name, count in engine().rows(sql, {"w": workspace.pk})}


def _newcomers(workspace: Workspace) -> dict[str, int]:
    """How many living people have each of these user ids, and the name that came with it."""
    from coterie.people.models import Identity, Person

    named = dict(Person.objects.of(workspace).filter(state="active").values_list("number", "data"))
    rows = Identity.objects.of(workspace).filter(kind="user_id", value__startswith=NEWCOMER)
    return Counter(
        value for value, number in rows.values_list("value", "number") if named.get(number, {}).get("name") == value
    )


def _index_problems(workspace: Workspace) -> list[str]:
    """The index's people must be what SQL's people make today, and its merges those of SQL."""
    from coterie.audience import rows
    from coterie.audience.engine import engine
    from coterie.audience.index import merged_people
    from coterie.audience.names import load_names
    from coterie.audience.startup import final_survivors
    from coterie.people.queries import iterate_people

    names = load_names(workspace.pk)
    columns = rows.people_columns(workspace.pk, 0, rows.people_cells(iterate_people(workspace, 0, 1_000_000), names))
    wanted = {
        number: (live, _document(text))
        for number, live, text in zip(columns["number"], columns["live"], columns["a"], strict=True)
    }
    sql = "SELECT number, live, toJSONString(a) FROM people FINAL WHERE workspace = {w:UInt32}"
    there = {int(number): (live, _document(text)) for number, live, text in engine().rows(sql, {"w": workspace.pk})}
    problems = []
    differing = [number for number in {*wanted, *there} if wanted.get(number) != there.get(number)]
    if differing:
        example = differing[0]
        problems.append(
            f"{len(differing)} people of the index differ from SQL, such as {example}: "
            f"{there.get(example)}, expected {wanted.get(example)}"
        )
    sql = "SELECT number, survivor FROM merges FINAL WHERE workspace = {w:UInt32} AND survivor != 0"
    merges = {int(number): int(survivor) for number, survivor in engine().rows(sql, {"w": workspace.pk})}
    if merges != final_survivors(merged_people(workspace.pk)):
        problems.append("the merges of the index differ from SQL")
    return problems


def _document(text: str) -> dict[str, Any]:
    """A row's values with numbers as such: ClickHouse writes 64-bit ones as text."""
    values: dict[str, Any] = json.loads(text)
    return {key: float(value) if key[0] in "nd" else value for key, value in values.items()}


def _membership_problems(workspace: Workspace) -> list[str]:
    """Every dynamic segment three ways: as logged, computed anew from the index, and from SQL in plain Python.

    Who was looked at last with a batch was looked at later than the clock's last step, so the log may be right as of
    either instant, or one between them: wrong is who is otherwise at both.
    """
    from pyroaring import BitMap

    from coterie.audience.index import PeopleIndex
    from coterie.audience.startup import position_of, start
    from coterie.filters.tree import Filter
    from coterie.kit import clock
    from coterie.segments import log
    from coterie.segments.models import Kind, Segment, StaticMember

    logged: dict[int, BitMap] = {}
    log.fold(log.read(workspace.pk, 0), logged)
    index = PeopleIndex(workspace)
    start(workspace, index)
    position = position_of(workspace)
    assert position.updated_at is not None
    instants = (position.clock_ms, max(position.clock_ms, clock.to_ms(position.updated_at)))
    plain = [_plain_sets(workspace, now_ms) for now_ms in instants]
    problems = []
    for row in Segment.objects.of(workspace).filter(deleted_at=None):
        mine = logged.get(row.pk, BitMap())
        others = {"loaded at the start": [index.named.get(row.public_id, BitMap())]}
        if row.broken_reason is not None:
            problems.append(f"segment {row.name!r} is broken: {row.broken_reason}")
        if row.kind == Kind.STATIC:
            rows = StaticMember.objects.of(workspace).filter(segment=row).values_list("number", flat=True)
            others["its rows in SQL"] = [BitMap(rows)]
        else:
            assert row.filter is not None
            root = Filter.model_validate(row.filter).root
            others["computed anew"] = [index.evaluate(root, now_ms=now_ms) for now_ms in instants]
            expected = [_plain_set(row.name, row.filter, sets) for sets in plain]
            others["read from SQL in Python"] = [BitMap(found) for found in expected if found is not None] or [mine]
        for what, sets in others.items():
            if wrong := BitMap.intersection(*(mine ^ other for other in sets)):
                problems.append(
                    f"segment {row.name!r}: the log has {len(mine)} members, {what} has {len(sets[-1])}; "
                    f"they differ in {sorted(wrong)[:10]}"
                )
    return problems


def _plain_sets(workspace: Workspace, now_ms: int) -> dict[str, Any]:
    """The event segments of load.py and everyone's score, from the rows of SQL alone."""
    from coterie.people.models import Person
    from tests.support.tracked import events_of

    people = {row.number: row for row in Person.objects.of(workspace)}
    times: Counter[int] = Counter()
    total: Counter[int] = Counter()
    lately: set[int] = set()
    for event in events_of(workspace):
        if event.name != EVENT:
            continue
        number = event.number
        while (into := people[number].merged_into) is not None:
            number = into
        times[number] += 1
        total[number] += event.properties["amount"]
        if now_ms - MINUTE_MS <= event.time_ms <= now_ms:
            lately.add(number)
    living = {number for number, row in people.items() if row.state == "active"}
    return {
        "buyers": {number for number in living if times[number] >= 3},
        "spenders": {number for number in living if total[number] > 300},
        "lately": living & lately,
        "scores": {number: people[number].data["score"] for number in living if "score" in people[number].data},
    }


def _plain_set(name: str, tree: dict[str, Any], plain: dict[str, Any]) -> set[int] | None:
    if name in ("buyers", "spenders", "lately"):
        expected: set[int] = plain[name]
        return expected
    root = tree["root"]
    if root.get("field") == "score" and root["op"] == "at_least":
        return {number for number, score in plain["scores"].items() if score >= root["value"]}
    return None


def _transition_problems(workspace: Workspace) -> list[str]:
    """The log's moves are exact, and ClickHouse's copy of the transitions has each of them exactly once."""
    from pyroaring import BitMap

    from coterie.audience.engine import engine
    from coterie.segments import log

    wanted: Counter[tuple[int, ...]] = Counter()
    members: dict[int, BitMap] = {}
    wrong: list[str] = []
    for row in log.read(workspace.pk, 0):
        for pk, move in row.entry.moves.items():
            who = members.get(pk, BitMap())
            if move.entered & who or move.left - who or move.size != len(move.after(who)):
                wrong.append(f"segment {pk} at position {row.position}")
        log.fold([row], members)
        for each in row.entry.transitions():
            wanted[(each.segment, each.number, int(each.entered), row.position)] += 1
    sql = "SELECT segment, number, entered, position FROM transitions FINAL WHERE workspace = {w:UInt32}"
    there = Counter(tuple(map(int, row)) for row in engine().rows(sql, {"w": workspace.pk}))
    problems = [f"{len(wrong)} moves let in who was in or out who was out, such as {wrong[0]}"] if wrong else []
    if wanted != there:
        missing, extra = wanted - there, there - wanted
        problems.append(f"transitions: {missing.total()} missing, {extra.total()} too many of {wanted.total()}")
    return problems


def _scores(workspace: Workspace) -> dict[str, Any]:
    from coterie.people.models import Person

    rows = Person.objects.of(workspace).filter(state="active").values_list("number", "data")
    return {str(number): data["score"] for number, data in rows if "score" in data}


def _segments(workspace: Workspace) -> dict[str, Any]:
    from coterie.segments.models import Segment

    return dict(Segment.objects.of(workspace).filter(deleted_at=None).values_list("name", "filter"))


def _panels(workspace: Workspace) -> dict[str, list[int]]:
    from coterie.segments.models import StaticMember

    found: defaultdict[str, list[int]] = defaultdict(list)
    rows = StaticMember.objects.of(workspace).filter(segment__name__in=PANELS).values_list("segment__name", "number")
    for name, number in rows:
        found[name].append(number)
    return found


def _sizes(workspace: Workspace) -> dict[str, int]:
    from coterie.segments import log
    from coterie.segments.models import Segment

    logged: dict[int, Any] = {}
    log.fold(log.read(workspace.pk, 0), logged)
    rows = Segment.objects.of(workspace).filter(name__in=[*SEGMENTS, *PANELS], deleted_at=None)
    return {row.name: len(logged.get(row.pk, ())) for row in rows}


if __name__ == "__main__":
    main()
