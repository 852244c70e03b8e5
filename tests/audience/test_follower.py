"""A process that only reads has the same sets as the projector, whatever happened between its reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.audience import follower
from coterie.audience.index import PeopleIndex, index_of
from coterie.audience.projector import project, projector_of
from coterie.audience.startup import start
from coterie.filters.sentence import parse
from coterie.filters.tree import Node
from coterie.kit import clock
from coterie.people.actions import apply_edits, delete_person, merge_people
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.models import Attribute, Person
from coterie.people.queries import catalogue
from tests.audience.conftest import MakeWorkspace

pytestmark = pytest.mark.server
START = datetime(2026, 3, 28, 12, tzinfo=UTC)
ORIGIN = Origin("api", "test")
SENTENCES = (
    'city is "Berlin"',
    'city is not "Berlin" and score > 3',
    "score between 2 and 5 (or unknown)",
    'tags has any of ("vip", "beta") or not (city is known)',
    "last_seen in the last 3 days",
    "last_seen more than 2 days ago",
    "seen_on today or seen_on yesterday",
    "birthday anniversary in the next 7 days",
    'did "buy"',
    'did "buy" at least 2 times in the last 2 days where amount > 5',
    'did not do "buy" and city is "Berlin"',
    'did "buy" fewer than 2 times',
    'sum of amount over "buy" > 20',
    'average of amount over "buy" in the last 5 days < 10',
    'last "buy" more than 1 days ago',
    'first "visit" in the last 2 days',
    'amount of last "buy" > 5',
    'did "visit" then "buy" within 1 days',
    "random bucket 0 to 50",
)


def nodes(workspace: Workspace) -> list[Node]:
    known = catalogue(workspace)
    return [parse(sentence, known).root for sentence in SENTENCES]


def random_edit(rng: Random, now_ms: int) -> PersonEdit:
    who = [("user_id", f"u{rng.randrange(12)}")]
    if rng.random() < 0.3:
        who = [("anonymous_id", f"a{rng.randrange(6)}")]
    if rng.random() < 0.2:
        who = [("user_id", f"u{rng.randrange(12)}"), ("anonymous_id", f"a{rng.randrange(6)}")]
    values: dict[str, Any] = {
        "city": rng.choice(["Berlin", "BERLIN", "Paris", "", None]),
        "score": rng.choice([1, 2.5, 4, 6, None]),
        "birthday": rng.choice(["1990-03-30", "1996-02-29", "2001-04-03", None]),
        "seen_on": now_ms - rng.randrange(-1, 4) * 43_200_000,
    }
    picked = {key: values[key] for key in rng.sample(sorted(values), rng.randrange(3))}
    events = [
        EventRecord(
            rng.choice(["buy", "visit"]),
            now_ms - rng.randrange(-1, 8) * 43_200_000,
            f"m{rng.getrandbits(60)}",
            properties={"amount": rng.choice([1, 4, 6, 12.5, "7", "many"])},
        )
        for _ in range(rng.choice([0, 0, 1, 2]))
    ]
    tags = rng.sample(["vip", "beta", "x"], rng.randrange(3))
    return PersonEdit(
        identities=who,
        set=picked,
        events=events,
        add_tags=tags[:1],
        remove_tags=tags[1:],
        seen_at=now_ms - rng.randrange(4) * 86_400_000,
        origin=ORIGIN,
    )


def step(rng: Random, workspace: Workspace, stopped: clock.Frozen) -> None:
    now_ms = clock.to_ms(clock.now())
    action = rng.random()
    living = list(Person.objects.of(workspace).filter(state="active").values_list("number", flat=True))
    if action < 0.55 or len(living) < 3:
        apply_edits(workspace, [random_edit(rng, now_ms) for _ in range(rng.randrange(1, 6))])
    elif action < 0.65:
        merge_people(workspace, *rng.sample(living, 2), origin=ORIGIN)
    elif action < 0.72:
        delete_person(workspace, rng.choice(living), origin=ORIGIN)
    else:
        stopped.move(timedelta(hours=rng.choice([1, 5, 12, 26, 49])))


@pytest.mark.parametrize(("seed", "far"), [(1, 2000), (2, 2000), (3, 1)])
def test_a_follower_has_the_projectors_sets(
    make_workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch, seed: int, far: int
) -> None:
    monkeypatch.setattr(follower, "FAR", far)
    rng = Random(seed)
    workspace = make_workspace("Europe/Berlin")
    for key, kind in (("score", "number"), ("birthday", "date"), ("seen_on", "datetime")):
        Attribute.objects.create(workspace=workspace, key=key, type=kind)
    with clock.frozen(START) as stopped:
        project(workspace)
        reader = PeopleIndex(workspace)
        start(workspace, reader)
        reader.slack_ms = 0
        wanted = nodes(workspace)
        for _ in range(4):
            for _ in range(rng.randrange(1, 5)):
                step(rng, workspace, stopped)
                project(workspace)
                projector_of(workspace).tick()
            follower.follow(workspace, reader)
            writer = index_of(workspace)
            writer.slack_ms = 0
            assert (reader.seq, reader.merges) == (writer.seq, writer.merges)
            assert reader.everyone() == writer.everyone()
            for sentence, node in zip(SENTENCES, wanted, strict=True):
                assert reader.evaluate(node) == writer.evaluate(node), sentence
        stopped.move(timedelta(days=2))
        assert reader.evaluate(wanted[4]) == writer.evaluate(wanted[4])
