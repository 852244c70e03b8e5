"""Whatever is done, in whatever order: sets kept current, sets read anew and the oracle agree, and segments follow.

`COTERIE_TEST_MACHINES` is how many sequences are tried, of 50 steps each. A failure prints its steps; hypothesis keeps
it for the next run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.audience import follower, inputs
from coterie.audience.index import PeopleIndex
from coterie.audience.projector import projector_of
from coterie.audience.startup import start
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import FieldType
from coterie.filters.normal import leaf_key, leaves_of, positive_tree, segments_used
from coterie.filters.sentence import parse
from coterie.filters.tree import FieldCondition, Node, SegmentCondition
from coterie.kit import clock
from coterie.kit.errors import Conflict
from coterie.people import attributes, changes, unmerging
from coterie.people.actions import apply_edits, delete_person, merge_people
from coterie.people.edits import EventRecord, PersonEdit
from coterie.people.models import Attribute, EventName, EventProperty, MergeRecord, Person
from coterie.segments import memberships, static
from coterie.segments.models import Kind, Segment
from tests.segments.conftest import ORIGIN, Stage
from tests.support import oracle
from tests.support.oracle import OracleEvent, OraclePerson, World

MACHINES = int(os.environ.get("COTERIE_TEST_MACHINES", "5"))
STEPS = 50
# Minutes on a machine that does other things too, and in proportion.
pytestmark = [pytest.mark.server, pytest.mark.timeout(max(600, 60 * MACHINES))]
# The day before summer time begins in Berlin.
START = datetime(2026, 3, 28, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "UTC", "America/Los_Angeles", "Pacific/Auckland")
HOUR = 3_600_000
ATTRIBUTES = {
    "score": FieldType.NUMBER,
    "birthday": FieldType.DATE,
    "seen_on": FieldType.DATETIME,
    "grade": FieldType.TEXT,
}
BUILTIN = {"city": "text", "tags": "list", "last_seen": "datetime"}
# Segments as they are made, and what they may become.
SEGMENTS = {
    "Berlin": 'city is "Berlin"',
    "Today": "seen_on today",
    "Early": "seen_on before 2026-03-29 or seen_on on 2026-03-30",
    "Lately": "last_seen in the last 3 days and not seen_on yesterday",
    "Buyers": 'did "buy" at least 2 times in the last 2 days where amount > 3',
    "Graded": 'grade contains "1" or not (grade is known)',
    "Rest": 'not in segment "Berlin" and in any segment of ("Today", "Picked")',
}
EDITS = ("score > 3", "seen_on this week", 'did not do "buy"', "birthday anniversary in the next 7 days")
SENTENCES = (
    *SEGMENTS.values(),
    *EDITS,
    "score between 2 and 5 (or unknown)",
    'tags has any of ("vip", "beta") or not (city is known)',
    "seen_on exactly 1 days ago or seen_on this month",
    "last_seen more than 2 days ago",
    "birthday in the last 3 days",
    "grade > 1",
    "grade is unknown",
    'did "visit" after 2026-03-28 where amount > 2',
    'sum of amount over "buy" > 20',
    'average of amount over "buy" in the last 1 months < 10',
    'last "buy" yesterday or first "visit" in the last 2 days',
    'amount of last "buy" > 5',
    'did "visit" then "buy" within 1 days',
    "random bucket 0 to 50",
    'in segment "Graded" or in segment "Lately"',
)

GRADE_ABOVE = FieldCondition(type="field", field="grade", op="greater", value=1)

users = st.integers(0, 7).map(lambda n: ("user_id", f"u{n}"))
anonymous = st.integers(0, 3).map(lambda n: ("anonymous_id", f"a{n}"))
# Two identities at once are an alias: whom they meant before is one person from then on.
who = st.one_of(users.map(lambda one: [one]), anonymous.map(lambda one: [one]), st.tuples(users, anonymous).map(list))
hours = st.sampled_from([-6, 0, 1, 6, 12, 13, 18, 24, 36, 47, 72, 100])
values = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Berlin", "BERLIN", "Paris", "", None]),
        "score": st.sampled_from([1, 2.5, 4, 6, None]),
        "birthday": st.sampled_from(["1990-03-30", "1996-02-29", "2001-04-03", "2026-03-27", None]),
        "grade": st.sampled_from(["1", "2", "21", "best", None]),
        "seen_on": hours,
    },
)
events = st.lists(
    st.tuples(st.sampled_from(["buy", "visit"]), hours, st.sampled_from([1, 4, 6, 12.5, "7", "many"])),
    min_size=1,
    max_size=3,
)
pick = st.integers(0, 100)


class Sets(RuleBasedStateMachine):
    """One workspace, its projector and a process that follows, under a stopped clock."""

    make_stage: ClassVar[Callable[[], Stage]]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.clock = self.open.enter_context(clock.frozen(START))
        self.stage = self.make_stage()
        for key, kind in ATTRIBUTES.items():
            attributes.create_attribute(self.stage.workspace, key=key, type=kind)
        self.segments = {"Picked": self.stage.static("Picked", [])}
        self.segments |= {name: self.stage.dynamic(name, where) for name, where in SEGMENTS.items()}
        known = inputs.catalogue_for(self.stage.access())
        self.nodes: dict[str, Node] = {}
        for text in SENTENCES:
            # The field has been a number at times.
            self.nodes[text] = GRADE_ABOVE if text == "grade > 1" else parse(text, known).root
        leaves = [leaf for node in self.nodes.values() for leaf in leaves_of(positive_tree(node))]
        self.leaves = {leaf_key(leaf): leaf for leaf in leaves if not isinstance(leaf, SegmentCondition)}
        self.stage.settle()
        self.reader = PeopleIndex(self.stage.workspace)
        start(self.stage.workspace, self.reader)
        self.records = 0
        # Whether more is to come before anybody looks; whether memberships are those of this instant; and which other
        # instant is asked for (ms from now).
        self.waits, self.ticked, self.elsewhere = False, True, 0

    def teardown(self) -> None:
        self.open.close()
        self.stage.restart()

    # What people do

    @rule(who=who, said=values, tags=st.lists(st.sampled_from(["vip", "beta", "x"]), max_size=2), waits=st.booleans())
    def identify(self, who: Any, said: dict[str, Any], tags: list[str], waits: bool) -> None:
        said = {key: value for key, value in said.items() if key in self.types}
        if "seen_on" in said:
            said["seen_on"] = self.now - said["seen_on"] * HOUR
        self.write(PersonEdit(identities=who, set=said, add_tags=tags[:1], remove_tags=tags[1:], origin=ORIGIN))
        self.waits = waits

    @rule(who=who, events=events, seen=hours, waits=st.booleans())
    def track(self, who: Any, events: Any, seen: int, waits: bool) -> None:
        records = []
        for name, ago, amount in events:
            self.records += 1
            records.append(EventRecord(name, self.now - ago * HOUR, f"m{self.records}", properties={"amount": amount}))
        self.write(PersonEdit(identities=who, events=records, seen_at=self.now - max(0, seen) * HOUR, origin=ORIGIN))
        self.waits = waits

    # What members of the workspace do

    @precondition(lambda self: len(self.living) > 1)
    @rule(one=pick, two=pick)
    def merge(self, one: int, two: int) -> None:
        living = self.living
        first = living[one % len(living)]
        rest = [number for number in living if number != first]
        merge_people(self.stage.workspace, first, rest[two % len(rest)], origin=ORIGIN)

    @precondition(lambda self: MergeRecord.objects.of(self.stage.workspace).filter(undone_at=None).exists())
    @rule(which=pick)
    def unmerge(self, which: int) -> None:
        rows = MergeRecord.objects.of(self.stage.workspace).filter(undone_at=None).order_by("-pk")
        try:
            unmerging.unmerge_people(self.stage.workspace, rows[which % min(3, len(rows))].pk, origin=ORIGIN)
        except Conflict:
            return

    @precondition(lambda self: self.living)
    @rule(one=pick)
    def delete(self, one: int) -> None:
        delete_person(self.stage.workspace, self.living[one % len(self.living)], origin=ORIGIN)

    @rule()
    def change_type(self) -> None:
        if self.grade is not None:
            other = FieldType.TEXT if self.grade.type == FieldType.NUMBER else FieldType.NUMBER
            attributes.change_attribute_type(self.stage.workspace, self.grade.pk, other, dry_run=False, origin=ORIGIN)

    @rule()
    def delete_or_restore_attribute(self) -> None:
        row = Attribute.objects.of(self.stage.workspace).get(key="grade")
        if row.deleted_at is None:
            attributes.delete_attribute(self.stage.workspace, row.pk)
        else:
            attributes.create_attribute(self.stage.workspace, key=row.key, type=FieldType(row.type))

    @precondition(lambda self: self.living)
    @rule(ones=st.lists(pick, min_size=1, max_size=3))
    def pick_by_hand(self, ones: list[int]) -> None:
        living, segment = self.living, self.segments["Picked"]
        chosen = {living[one % len(living)] for one in ones}
        inside = set(static.numbers_of(segment))
        static.change_members(
            self.stage.access(), segment.public_id, add=chosen - inside, remove=sorted(chosen & inside)[:1]
        )

    @rule(name=st.sampled_from(["Berlin", "Today", "Buyers"]), where=st.sampled_from(EDITS))
    def edit(self, name: str, where: str) -> None:
        self.stage.redefine(self.segments[name], where)

    @rule(zone=st.sampled_from(ZONES))
    def change_zone(self, zone: str) -> None:
        accounts.change_workspace(audit.SYSTEM, self.stage.workspace, changes={"timezone": zone})

    # What happens by itself

    @rule(by=st.sampled_from([1, 5, 11, 12, 26, 49]), ticks=st.booleans())
    def time_passes(self, by: int, ticks: bool) -> None:
        self.clock.move(timedelta(hours=by))
        self.ticked = False
        if ticks:
            self.stage.settle()
            projector_of(self.stage.workspace).tick()
            self.ticked = True

    @rule()
    def restart(self) -> None:
        self.stage.restart()

    @rule(hours=st.sampled_from([-30, -13, -5, 0, 1]))
    def ask_for_another_instant(self, hours: int) -> None:
        """As the second page of a list does, or a cursor that somebody made up."""
        self.elsewhere = hours * HOUR or 60_000

    # What holds

    @invariant()
    def all_say_the_same(self) -> None:
        if self.waits:
            self.waits = False
            return
        self.stage.settle()
        live = self.stage.index
        live.slack_ms = self.reader.slack_ms = 0
        if self.elsewhere:
            instant, self.elsewhere = self.now + self.elsewhere, 0
            self.compare(self.expected(instant, apart=True), instant, live)
        follower.follow(self.stage.workspace, self.reader)
        fresh = PeopleIndex(Workspace.objects.get(pk=self.stage.workspace.pk))
        fresh.load_merges()
        fresh.named = live.named
        for index in (live, self.reader, fresh):
            # In one go: each condition read by itself would take longer than all else.
            index.condition_sets(self.leaves)
        assert set(live.everyone()) == set(self.reader.everyone()) == set(self.living)
        assert live.named == self.reader.named
        self.segments_follow(live)
        # Memberships of an instant before say nothing about filters on segments now.
        self.compare(self.expected(self.now, apart=not self.ticked), self.now, live, self.reader, fresh)

    def expected(self, instant: int, *, apart: bool = False) -> dict[str, set[int]]:
        """Who meets each filter at an instant by the oracle; `apart` from segments, which are of now."""
        world, people = self.world(instant), self.people
        return {
            text: oracle.members(_json(node), people, world)
            for text, node in self.nodes.items()
            if not (apart and segments_used(node))
        }

    def compare(self, expected: Mapping[str, set[int]], instant: int, *indexes: PeopleIndex) -> None:
        for place, index in enumerate(indexes):
            for text, members in expected.items():
                try:
                    found = set(index.evaluate(self.nodes[text], now_ms=instant))
                except InvalidFilter:
                    found = set()
                assert found == members, (text, ("live", "reader", "fresh")[place], instant - self.now)

    def segments_follow(self, live: PeopleIndex) -> None:
        """The log of memberships is what definitions say, unless time has passed that nobody has looked at."""
        folded, world, people = memberships.load(self.stage.workspace.pk).members, self.world(self.now), self.people
        for segment in Segment.objects.of(self.stage.workspace):
            members = set(folded.get(segment.pk, ()))
            assert members == set(live.named.get(segment.public_id, ())), segment.name
            if segment.kind == Kind.DYNAMIC and self.ticked:
                assert members == oracle.members(segment.filter, people, world), segment.name

    # What is known about it without the index

    @property
    def now(self) -> int:
        return clock.to_ms(clock.now())

    @property
    def living(self) -> list[int]:
        rows = Person.objects.of(self.stage.workspace).filter(state="active")
        return list(rows.order_by("number").values_list("number", flat=True))

    @property
    def grade(self) -> Attribute | None:
        return Attribute.objects.of(self.stage.workspace).filter(key="grade", deleted_at=None).first()

    def write(self, edit: PersonEdit) -> None:
        (outcome,) = apply_edits(self.stage.workspace, [edit])
        assert outcome.error is None

    @property
    def types(self) -> dict[str, str]:
        rows = Attribute.objects.of(self.stage.workspace).filter(deleted_at=None)
        return BUILTIN | dict(rows.values_list("key", "type"))

    def world(self, instant: int) -> World:
        workspace = Workspace.objects.get(pk=self.stage.workspace.pk)
        segments: dict[str, Any] = {}
        for row in Segment.objects.of(workspace):
            segments[row.public_id] = frozenset(static.numbers_of(row)) if row.kind == Kind.STATIC else row.filter
        return World(instant, workspace.timezone, self.types, segments)

    @property
    def people(self) -> list[OraclePerson]:
        """Everyone as SQL has them, their events as the change log has."""
        types, mine = self.types, dict[int, list[OracleEvent]]()
        for number, event in self.events():
            mine.setdefault(number, []).append(event)
        return [
            oracle.written(
                person.number,
                [{key: value for key, value in person.data.items() if key in types}],
                types,
                mine.get(person.number, ()),
            )
            for person in Person.objects.of(self.stage.workspace).filter(state="active")
        ]

    def events(self) -> Iterator[tuple[int, OracleEvent]]:
        workspace = self.stage.workspace
        into = dict(Person.objects.of(workspace).exclude(merged_into=None).values_list("number", "merged_into"))
        names = dict(EventName.objects.of(workspace).values_list("pk", "name"))
        properties = dict(EventProperty.objects.of(workspace).values_list("pk", "name"))
        for change in changes.read(workspace, 0, 100_000):
            for number, event, at, _received, _id, _kind, _source, text in changes.body_of(change).get("events", ()):
                while number in into:
                    number = into[number]
                sent = {properties[int(key)]: value for key, value in json.loads(text).items()}
                yield number, OracleEvent(names[event], at, sent)


def _json(node: Node) -> dict[str, Any]:
    return node.model_dump(mode="json", by_alias=True)


def test_it_works(stage: Stage, make_workspace: Callable[..., Workspace]) -> None:
    made = type("Sets", (Sets,), {"make_stage": staticmethod(lambda: Stage(make_workspace(ZONES[0]), stage.users))})
    run_state_machine_as_test(
        made,
        settings=settings(
            max_examples=MACHINES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
