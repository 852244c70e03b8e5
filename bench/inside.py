"""Tasks that need the stores in the process: `python -m bench.inside TASK OPTIONS`, with COTERIE_DATA set.

The last line on stdout is the answer as JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from bench import filling, filters, population
from bench.figures import milliseconds


def engine_query(*, repeats: int) -> dict[str, float]:
    """The filter of six conditions as one boolean ClickHouse query with FINAL: no sets, no HTTP."""
    from coterie.audience import inputs
    from coterie.audience.index import index_of
    from coterie.audience.predicates import Bound
    from coterie.filters.normal import positive_tree

    workspace = _workspace()
    index = index_of(workspace)
    catalogue = inputs.catalogue_for(filling.owner_access(workspace))
    root = positive_tree(inputs.read_filter(catalogue, where=filters.SENTENCE).root)
    took = []
    total = 0
    for _ in range(repeats + 3):
        started = time.perf_counter()
        bound = Bound()
        where = f"{index.reader.where(bound, None)} AND live = 1 AND {_boolean(root, index, bound)}"
        total = index.reader.page(f"SELECT count() FROM people FINAL WHERE {where}", bound)[0][0]
        took.append(time.perf_counter() - started)
    return {"total": total, **milliseconds(took[3:])}


def _boolean(node: Any, index: Any, bound: Any) -> str:
    """A tree of conditions about fields as one SQL expression; the product itself never does this."""
    from coterie.audience.predicates import PeoplePredicate, predicate
    from coterie.filters import tree

    if isinstance(node, tree.All):
        return "(" + " AND ".join(_boolean(each, index, bound) for each in node.of) + ")"
    if isinstance(node, tree.Any):
        return "(" + " OR ".join(_boolean(each, index, bound) for each in node.of) + ")"
    if isinstance(node, tree.Not):
        return f"(NOT {_boolean(node.of, index, bound)})"
    made = predicate(node, index.names, index.moment(), bound)
    assert isinstance(made, PeoplePredicate), "the filter of six conditions is about fields"
    return made.sql


def upkeep(*, segments: int, people: int, batches: int) -> dict[str, Any]:
    """Batches of changed people while many live segments follow: the projector's step alone, and its parts."""
    from coterie.audience.projector import project, projector_of
    from coterie.people.actions import Origin, apply_edits

    workspace = _workspace()
    access = filling.owner_access(workspace)
    started = time.perf_counter()
    filling.add_segments(access, segments - len(filters.REGIONS))
    made_seconds = time.perf_counter() - started
    projector = projector_of(workspace)
    projector.rest()
    count = _people_count(workspace)
    choose = random.Random(11)
    steps: list[float] = []
    writes: list[float] = []
    parts: list[dict[str, float]] = []
    moves = []
    for batch in range(batches + 1):
        now_ms = int(time.time() * 1000)
        edits = [_visit(choose, each, batch, now_ms) for each in _visitors(choose, workspace, count, people)]
        started = time.perf_counter()
        apply_edits(workspace, edits, origin=Origin("api", "bench"))
        writes.append(time.perf_counter() - started)
        with _watched() as spent:
            started = time.perf_counter()
            project(workspace)
            steps.append(time.perf_counter() - started)
        moves.append(spent.pop("moves"))
        parts.append(spent)
    # The first batch pays for what later ones find ready.
    steps, parts = steps[1:], parts[1:]
    index = projector.index
    return {
        "segments": len(index.named),
        "conditions": len(index.held.states),
        "segments_made_seconds": made_seconds,
        "moves": sum(moves) / len(moves),
        "edit_ms": 1000 * sum(writes) / len(writes),
        "first_ms": steps[0] * 1000,
        **milliseconds(steps),
        **{f"{name}_ms": 1000 * sum(part[name] for part in parts) / len(parts) for name in parts[0]},
    }


def _visitors(choose: random.Random, workspace: Any, everyone: int, wanted: int) -> list[Any]:
    """People who come by: three of four were here within 30 days, the others at any time."""
    from coterie.people.queries import people_by_numbers

    numbers = sorted(choose.sample(range(1, everyone + 1), min(everyone, wanted * 5)))
    lately = population.iso(int(time.time() * 1000) - 30 * population.DAY_MS)
    found = people_by_numbers(workspace, numbers)
    recent = [person for person in found if person.data["last_seen"] >= lately][: wanted * 3 // 4]
    others = [person for person in found if person.data["last_seen"] < lately][: wanted - len(recent)]
    return sorted([*recent, *others], key=lambda person: person.number)


def _visit(choose: random.Random, person: Any, batch: int, now_ms: int) -> Any:
    """Everyone was seen; every second one bought something, every fifth got a tag."""
    from coterie.people.actions import EventRecord, PersonEdit

    amount = round(5 + choose.random() ** 2 * 295, 2)
    values: dict[str, Any] = {}
    events = []
    if choose.random() < 0.5:
        values["orders"] = person.data["orders"] + 1
        values["lifetime_value"] = round(person.data.get("lifetime_value", 0) + amount, 2)
        values["last_order_at"] = population.iso(now_ms)
        events.append(EventRecord("purchase", now_ms, f"up-{batch}-{person.number}", properties={"amount": amount}))
    return PersonEdit(
        number=person.number,
        set=values,
        add_tags=[choose.choice(population.TAGS)] if choose.random() < 0.2 else [],
        seen_at=now_ms,
        events=events,
        create=False,
    )


@contextmanager
def _watched() -> Iterator[dict[str, float]]:
    """Time spent in the parts of a projector's step, in seconds."""
    from coterie.audience.index import PeopleIndex
    from coterie.audience.projector import Projector
    from coterie.segments.upkeep import MembershipPlan, MembershipUpkeep

    spent: dict[str, float] = {"moves": 0}
    watched: tuple[tuple[str, type, str], ...] = (
        ("write", Projector, "_write"),
        ("patch", PeopleIndex, "apply"),
        ("plan", MembershipUpkeep, "plan"),
        ("save", MembershipPlan, "save"),
        ("move", MembershipPlan, "apply"),
        ("ship", MembershipPlan, "ship"),
    )
    originals = [(owner, name, getattr(owner, name)) for _, owner, name in watched]
    for (label, owner, name), (_, _, original) in zip(watched, originals, strict=True):
        spent[label] = 0.0
        setattr(owner, name, _timed(original, label, spent))
    try:
        yield spent
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _timed(original: Callable[..., Any], label: str, spent: dict[str, float]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            answer = original(*args, **options)
        finally:
            spent[label] += time.perf_counter() - started
        if label == "plan":
            spent["moves"] += sum(len(move.entered) + len(move.left) for move in answer.entry.moves.values())
        return answer

    return call


def segments(*, count: int, extra: dict[str, str]) -> dict[str, str]:
    """Make live segments; ids by name."""
    access = filling.owner_access(_workspace())
    made = {name: filling.add_segment(access, name, sentence) for name, sentence in extra.items()}
    return made | filling.add_segments(access, count - len(made) - len(filters.REGIONS))


def events(*, source: str) -> dict[str, int]:
    """How many events with message ids that start so are in the index, and how many ids they have."""
    from coterie.audience.startup import ensure_index

    ensure_index()
    from coterie.audience.engine import engine

    rows, ids = engine().rows(
        "SELECT count(), uniqExact(message_id) FROM events WHERE startsWith(message_id, {source:String})",
        {"source": source},
    )[0]
    return {"rows": int(rows), "ids": int(ids)}


def _workspace() -> Any:
    from coterie.accounts.models import Workspace
    from coterie.audience.startup import ensure_index

    ensure_index()
    return Workspace.objects.get(slug=filling.SLUG)


def _people_count(workspace: Any) -> int:
    from coterie.people.models import Person

    return int(Person.objects.of(workspace).count())


TASKS: Final[dict[str, Callable[..., Any]]] = {
    "fill": filling.fill,
    "engine_query": engine_query,
    "upkeep": upkeep,
    "segments": segments,
    "events": events,
}


def main() -> None:
    """Run the task that the command line names."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coterie.settings")
    django.setup(set_prefix=False)
    from coterie.audience.engine import close_engine

    try:
        answer = TASKS[sys.argv[1]](**json.loads(sys.argv[2]))
    finally:
        close_engine()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
