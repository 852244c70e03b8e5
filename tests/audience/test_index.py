"""Sets in memory: what comes while they are read, what the clock moves, and which are let go.

That they stay current whatever is done is tried in tests/segments/test_machine.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience.bitmaps import size_of
from coterie.audience.index import PeopleIndex, index_of
from coterie.audience.projector import project, projector_of
from coterie.filters.sentence import parse
from coterie.kit import clock
from coterie.people.actions import apply_edits
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.models import Attribute
from coterie.people.queries import catalogue
from tests.audience.conftest import MakeWorkspace

pytestmark = pytest.mark.server
START = datetime(2026, 3, 28, 12, tzinfo=UTC)
ORIGIN = Origin("api", "test")


def test_a_set_loaded_while_people_change_is_whole(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change between a set's scan and its arrival is not lost."""
    apply_edits(workspace, [PersonEdit(identities=[("user_id", "a")], set={"city": "Berlin"}, origin=ORIGIN)])
    project(workspace)
    live = index_of(workspace)
    scan = live.reader.compute

    def slow(*args: Any, **more: Any) -> Any:
        found = scan(*args, **more)
        if not more.get("among"):
            monkeypatch.setattr(live.reader, "compute", scan)
            apply_edits(workspace, [PersonEdit(identities=[("user_id", "b")], set={"city": "Berlin"}, origin=ORIGIN)])
            project(workspace)
        return found

    monkeypatch.setattr(live.reader, "compute", slow)
    node = parse('city is "Berlin"', catalogue(workspace)).root
    assert set(live.evaluate(node)) == {1, 2}
    assert set(live.evaluate(node)) == {1, 2}


def test_a_membership_changes_with_no_write_at_all(workspace: Workspace) -> None:
    with clock.frozen(START) as stopped:
        live = index_of(workspace)
        node = parse("last_seen in the last 3 days", catalogue(workspace)).root
        live.pin("segment", [node])
        seen = clock.to_ms(START)
        apply_edits(workspace, [PersonEdit(identities=[("user_id", "a")], seen_at=seen, origin=ORIGIN)])
        project(workspace)
        # "in the last" ends before now: the instant itself comes in when it has passed.
        assert set(live.evaluate(node)) == set()
        stopped.move(timedelta(seconds=2))
        assert projector_of(workspace).tick() == 1
        assert set(live.evaluate(node)) == {1}
        stopped.move(timedelta(days=3, seconds=-2))
        projector_of(workspace).tick()
        assert set(live.evaluate(node)) == {1}
        stopped.move(timedelta(seconds=1))
        projector_of(workspace).tick()
        assert set(live.evaluate(node)) == set()


def test_a_change_while_the_clock_moves_a_set_is_not_lost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brings a set on has read people before they changed: the change is put over it."""
    with clock.frozen(START) as stopped:
        seen(workspace, START)
        live, node = index_of(workspace), parse("last_seen in the last 3 days", catalogue(workspace)).root
        stopped.move(timedelta(hours=1))
        assert set(live.evaluate(node)) == {1}
        stopped.move(timedelta(days=3))
        scan = live.reader.compute

        def slow(*args: Any, **more: Any) -> Any:
            found = scan(*args, **more)
            monkeypatch.setattr(live.reader, "compute", scan)
            seen(workspace, clock.now() - timedelta(minutes=1))
            return found

        monkeypatch.setattr(live.reader, "compute", slow)
        assert set(live.evaluate(node)) == {1}
        assert set(live.evaluate(node)) == {1}


def test_a_batch_of_before_a_reading_is_looked_at_again(workspace: Workspace) -> None:
    """A batch holds for the instant at which it began; a reader may have brought a set further by then."""
    with clock.frozen(START) as stopped:
        seen(workspace, START + timedelta(minutes=30))
        live, node = index_of(workspace), parse("last_seen in the last 3 days", catalogue(workspace)).root
        assert set(live.evaluate(node)) == set()
        stopped.move(timedelta(hours=1))
        assert set(live.evaluate(node)) == {1}
        live.apply(BitMap([1]), clock.to_ms(START))
        assert set(live.evaluate(node)) == {1}


def seen(workspace: Workspace, at: datetime) -> None:
    """One person, seen at an instant."""
    apply_edits(workspace, [PersonEdit(identities=[("user_id", "a")], seen_at=clock.to_ms(at), origin=ORIGIN)])
    project(workspace)


def test_a_zone_that_changes_while_a_set_is_read(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of the zone before is not kept, whichever comes first."""
    with clock.frozen(START):
        seen = clock.to_ms(START.replace(hour=0)) - 1
        apply_edits(workspace, [PersonEdit(identities=[("user_id", "a")], seen_at=seen, origin=ORIGIN)])
        project(workspace)
        live = index_of(workspace)
        scan = live.reader.compute

        def slow(*args: Any, **more: Any) -> Any:
            found = scan(*args, **more)
            live.change_zone("Europe/Berlin")
            return found

        node = parse("last_seen today", catalogue(workspace)).root
        with monkeypatch.context() as patch:
            patch.setattr(live.reader, "compute", slow)
            live.evaluate(node)
        assert set(live.evaluate(node)) == {1}


def test_unpinned_sets_are_let_go(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Readers alone, with nothing written, fill the memory up to a number and a size of sets, and not beyond."""
    monkeypatch.setattr("coterie.audience.index.UNPINNED", 6)
    apply_edits(workspace, [PersonEdit(identities=[("user_id", "a")], set={"city": "l"}, origin=ORIGIN)])
    project(workspace)
    live, known = index_of(workspace), catalogue(workspace)
    wanted = {name: parse(f'city is "{name}"', known).root for name in "abcdefghijkl"}
    live.pin("segment", [wanted["a"]])
    for node in wanted.values():
        live.evaluate(node)
    assert live.size_of_sets()["conditions"] == len(live.held.states) == 7
    told = REGISTRY.get_sample_value("coterie_sets", {"workspace": workspace.slug, "kind": "conditions"})
    assert told == 7
    # What was used last is still there.
    with monkeypatch.context() as patch:
        patch.setattr(live.reader, "compute", pytest.fail)
        assert [set(live.evaluate(wanted[name])) for name in "agkl"] == [set(), set(), set(), {1}]
    large = BitMap(range(0, 2_000_000, 3))
    monkeypatch.setattr(live.reader, "compute", lambda leaves, **_: dict.fromkeys(leaves, large))
    settings.COTERIE_SETS_MB = 1
    for name in "mnopqrst":
        assert live.evaluate(parse(f'city is "{name}"', known).root) == large & live.everyone()
        assert live.size_of_sets()["bytes"] < 1024 * 1024 + 1000
    assert live.size_of_sets()["conditions"] == 1 + 1024 * 1024 // size_of(large)


def test_many_conditions_of_a_kind_are_patched_alike(make_workspace: MakeWorkspace) -> None:
    """Conditions that differ in their values are asked for together; each has its own answer all the same."""
    workspace = make_workspace()
    Attribute.objects.create(workspace=workspace, key="score", type="number")
    Attribute.objects.create(workspace=workspace, key="renewal", type="datetime")
    known = catalogue(workspace)
    cities = ("Berlin", "Bern", "Paris", 'x"y', "a\\")
    quoted = [city.replace("\\", "\\\\").replace('"', '\\"') for city in cities]
    sentences = [f'city {op} "{city}"' for op in ("is", "contains", "starts with", "ends with") for city in quoted]
    sentences += [f"score {op} {n}" for op in (">", ">=", "=", "<") for n in range(5)]
    sentences += [f"score between {n} and {n + m}" for n in range(3) for m in range(3)]
    sentences += [f'tags {op} ("{a}", "{b}")' for op in ("has any of", "has all of") for a in "ab" for b in "bc"]
    sentences += [f'city is one of ("{a}", "Rome")' for a in quoted] + ['city matches "^b"', 'city matches "s$"']
    sentences += [f"renewal in the next {n} days" for n in (1, 5, 9)] + ["city is known", "random bucket 0 to 40"]
    sentences += [f'did "{event}" at least {n} times' for event in ("buy", "visit", "never") for n in (1, 2, 3)]
    sentences += [f'did "buy" in the last {n} days where amount > {m}' for n in (1, 3) for m in (2, 5)]
    sentences += [f'did "buy" where sku is "{sku}"' for sku in "ab"] + ['did "buy" where sku is one of ("a", "b")']
    sentences += [f'{of} of amount over "buy" > {n}' for of in ("sum", "average", "minimum", "maximum") for n in (3, 9)]
    sentences += [f'distinct sku over "buy" = {n}' for n in (1, 2)] + ['sum of amount over "buy" is one of (3, 9)']
    sentences += [f'{which} "buy" more than {n} days ago' for which in ("first", "last") for n in (1, 2)]
    sentences += [f'sku of last "buy" is "{sku}"' for sku in "ab"] + ['did "visit" then "buy" within 1 days']
    sentences += ['sum of amount over "buy" is known', 'minimum of amount over "visit" is unknown']
    wanted = [parse(sentence, known).root for sentence in sentences]
    live = index_of(workspace)
    live.pin("segments", wanted)
    for node in wanted[::3]:
        live.evaluate(node)
    rng = Random(5)
    edits = [
        PersonEdit(
            identities=[("anonymous_id", f"p{i}")],
            set={"city": rng.choice([*cities, None]), "score": rng.choice([0, 1, 2.5, 4, None]), "renewal": None},
            add_tags=rng.sample(["a", "b", "c"], rng.randrange(4)),
            events=[
                EventRecord(
                    rng.choice(["buy", "visit"]),
                    clock.to_ms(clock.now()) - rng.randrange(5 * 86_400_000),
                    f"m{i}-{j}",
                    properties={"amount": rng.choice([1, 3, 6]), "sku": rng.choice(["a", "b", None])},
                )
                for j in range(rng.randrange(4))
            ],
            origin=ORIGIN,
        )
        for i in range(60)
    ]
    apply_edits(workspace, edits)
    project(workspace)
    fresh = PeopleIndex(workspace)
    now = clock.to_ms(clock.now())
    for sentence, node in zip(sentences, wanted, strict=True):
        found = live.evaluate(node, now_ms=now)
        assert found == fresh.evaluate(node, now_ms=now), sentence
        assert found == live.evaluate(node, among=fresh.everyone(), now_ms=now), sentence
