"""How many edits a second the one write path of people takes, on the database that the settings name.

    .venv/bin/python bench/bench_people.py [--batches 8] [--size 5000] [--profile]

Without COTERIE_DATABASE_URL it uses SQLite in a temporary folder. The goal: at least 12,000 a second on one core.
"""

import argparse
import cProfile
import os
import pstats
import random
import tempfile
import time
import uuid
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coterie.settings")

PLANS = ("free", "pro", "team")
START_MS = 1_767_225_600_000


def main() -> None:
    """Print one line per kind of batch."""
    options = argparse.ArgumentParser()
    options.add_argument("--batches", type=int, default=8)
    options.add_argument("--size", type=int, default=5000)
    options.add_argument("--profile", action="store_true")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COTERIE_DATA"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(args.batches, args.size, profile=args.profile)


def measure(batches: int, size: int, *, profile: bool) -> None:
    """Run every kind of batch in turn: first they make people, then they change them."""
    from coterie.accounts.models import Workspace
    from coterie.people.actions import Origin, apply_edits

    workspace = Workspace.objects.create(slug=f"bench-{uuid.uuid4().hex[:8]}", name="Bench", timezone="Europe/Berlin")
    origin = Origin("tracking", "key_bench")
    random.seed(7)
    kinds: dict[str, Callable[[int, int], list[Any]]] = {
        "identify, new people": identify,
        "identify, half the traits changed": identify,
        "identify, nothing changed": identify_same,
        "track, one event each": track,
        "identify and track, mixed": mixed,
    }
    for name, make in kinds.items():
        profiler = cProfile.Profile() if profile else None
        took = cpu = 0.0
        for batch in range(batches):
            edits = make(batch * size, size)
            started, used = time.perf_counter(), time.process_time()
            if profiler:
                profiler.enable()
            apply_edits(workspace, edits, origin=origin)
            if profiler:
                profiler.disable()
            took, cpu = took + time.perf_counter() - started, cpu + time.process_time() - used
        print(f"{name:36} {batches * size / took:9,.0f} edits/s   {cpu / batches / size * 1e6:5.1f} us cpu each")
        if profiler:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def identify(first: int, size: int) -> list[Any]:
    """Identify calls of `size` users with seven traits, an anonymous id and an address."""
    from coterie.people.actions import PersonEdit

    return [
        PersonEdit(
            identities=[("user_id", f"user-{number}"), ("anonymous_id", f"{number:032x}")],
            set={
                "email": f"user{number}@example.com",
                "name": f"User {number}",
                "plan": random.choice(PLANS),
                "orders": random.randrange(3),
                "beta": random.random() < 0.5,
                "city": "Berlin",
                "ip": f"93.184.{number >> 8 & 255}.{number & 255}",
            },
            seen_at=START_MS + number,
        )
        for number in range(first, first + size)
    ]


def identify_same(first: int, size: int) -> list[Any]:
    """Identify calls that repeat what is known."""
    from coterie.people.actions import PersonEdit

    return [
        PersonEdit(
            identities=[("user_id", f"user-{number}"), ("anonymous_id", f"{number:032x}")],
            set={"email": f"user{number}@example.com", "name": f"User {number}", "city": "Berlin"},
        )
        for number in range(first, first + size)
    ]


def track(first: int, size: int) -> list[Any]:
    """Track calls with three properties."""
    from coterie.people.actions import EventRecord, PersonEdit

    edits = []
    for number in range(first, first + size):
        at = START_MS + 10_000_000 + random.randrange(10_000_000)
        event = EventRecord(
            name=random.choice(("purchase", "page viewed", "signed up")),
            time_ms=at,
            message_id=f"message-{number}-{random.randrange(10**9)}",
            properties={"amount": random.randrange(100), "currency": "EUR", "first": False},
            source="web",
        )
        edits.append(PersonEdit(identities=[("anonymous_id", f"{number:032x}")], events=[event], seen_at=at))
    return edits


def mixed(first: int, size: int) -> list[Any]:
    """Three track calls to one identify call, as SDKs send."""
    identified = identify(first, size // 4)
    tracked = [edit for _ in range(3) for edit in track(first, size // 4)]
    return identified + tracked


if __name__ == "__main__":
    main()
