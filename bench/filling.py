"""Fills an empty data folder with people and events, through the one write path, and projects them.

Needs Django set up: it runs inside a process of inside.py.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import filters, population
from bench.folder import MANIFEST

SLUG = "bench"
EMAIL = "bench@example.org"
PASSWORD = "correct horse battery"


def fill(people: int) -> dict[str, Any]:
    """Fill the folder of COTERIE_DATA; what is needed to ask about it, which is written beside it too."""
    from django.conf import settings
    from django.core.management import call_command

    from coterie.audience.projector import project, projector_of
    from coterie.audience.startup import ensure_index

    call_command("migrate", interactive=False, verbosity=0)
    ensure_index()
    # As a server does (web/runtime.py): batches are large and hold no cycles.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    made = _workspace()
    workspace, access = made.pop("workspace"), made.pop("access")
    anchor_ms = int(time.time() * 1000)
    filling = _write(workspace, people, anchor_ms)
    segments = {name: add_segment(access, name, sentence) for name, sentence in filters.REGIONS}
    project(workspace)
    projector_of(workspace).rest()
    filling["merge_seconds"] = wait_for_merges()
    manifest = {
        "people": people,
        "events": int(filling.pop("events")),
        "anchor_ms": anchor_ms,
        "slug": SLUG,
        "segments": segments,
        "filling": filling,
        **made,
    }
    Path(settings.COTERIE_DATA, MANIFEST).write_text(json.dumps(manifest, indent=1))
    return manifest


def _write(workspace: Any, people: int, anchor_ms: int) -> dict[str, float]:
    from django.db import connection

    from coterie.audience.projector import project
    from coterie.people.actions import EventRecord, Origin, PersonEdit, apply_edits

    origin = Origin("import", "bench")
    spent = {"make": 0.0, "write": 0.0, "project": 0.0}
    done = events = 0
    projecting = ThreadPoolExecutor(1, thread_name_prefix="projecting")
    projected = projecting.submit(project, workspace)
    started = mark = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal mark
        now = time.perf_counter()
        spent[name] += now - mark
        mark = now

    for block in population.people(people, anchor_ms=anchor_ms):
        edits = [
            PersonEdit(
                identities=[("user_id", population.user_id(person.number))],
                set=person.values,
                add_tags=person.tags,
                seen_at=person.seen_ms,
                events=[
                    EventRecord(
                        event.name, event.time_ms, event.message_id, properties=event.properties, source="bench"
                    )
                    for event in person.events
                ],
            )
            for person in block
        ]
        lap("make")
        outcomes = apply_edits(workspace, edits, origin=origin)
        lap("write")
        # Everything measured relies on it: the person u5 is number 5.
        assert [outcome.number for outcome in outcomes] == [person.number for person in block]
        # Beside the next block: ClickHouse and the disk work outside of Python's lock.
        projected.result()
        projected = projecting.submit(project, workspace)
        lap("project")
        done += len(block)
        events += sum(len(person.events) for person in block)
        if done % 50_000 == 0:
            rate = done / (time.perf_counter() - started)
            print(f"  filled {done:,} of {people:,} people, {rate:,.0f} a second", file=sys.stderr, flush=True)
    projected.result()
    lap("project")
    seconds = time.perf_counter() - started
    projecting.submit(lambda: connection.close()).result()
    projecting.shutdown()
    return {
        "events": events,
        "seconds": seconds,
        "people_per_second": people / seconds,
        "events_per_second": events / seconds,
        **{f"{name}_seconds": value for name, value in spent.items()},
    }


def wait_for_merges(*, seconds: float = 300.0) -> float:
    """Wait until the index has merged what it was given, as it would have long before anyone asks; the seconds."""
    from coterie.audience.engine import engine

    started = time.perf_counter()
    busy = (
        "SELECT (SELECT count() FROM system.merges) + "
        "(SELECT count() FROM system.parts WHERE active AND table = 'people') - 1"
    )
    while engine().rows(busy)[0][0] > 0 and time.perf_counter() - started < seconds:
        time.sleep(0.25)
    return time.perf_counter() - started


def _workspace() -> dict[str, Any]:
    from coterie.accounts import audit
    from coterie.accounts.actions import create_key, create_user, create_workspace
    from coterie.accounts.models import KeyKind
    from coterie.accounts.permissions import PERMISSIONS
    from coterie.filters.fields import FieldType
    from coterie.people.actions import create_attribute

    owner = create_user(audit.SYSTEM, email=EMAIL, password=PASSWORD)
    workspace = create_workspace(audit.SYSTEM, owner=owner, slug=SLUG, name="Bench", timezone="Europe/Berlin")
    _, write_key = create_key(audit.SYSTEM, workspace, kind=KeyKind.WRITE, name="bench")
    scopes = [name for name, row in PERMISSIONS.items() if row.for_keys]
    _, secret_key = create_key(
        audit.SYSTEM, workspace, kind=KeyKind.SECRET, name="bench", scopes=scopes, created_by=owner
    )
    for key, kind in population.ATTRIBUTES:
        create_attribute(workspace, key=key, type=FieldType(kind))
    return {
        "workspace": workspace,
        "access": owner_access(workspace),
        "write_key": write_key,
        "secret_key": secret_key,
    }


def owner_access(workspace: Any) -> Any:
    """What the owner of the workspace may do."""
    from coterie.accounts.models import Role, WorkspaceMember
    from coterie.accounts.permissions import Access, Caller

    member = WorkspaceMember.objects.of(workspace).select_related("user").get(role=Role.OWNER)
    return Access(workspace, Caller(ip="", user=member.user), Role.OWNER)


def add_segment(access: Any, name: str, sentence: str) -> str:
    """Make one live segment; its id. It is followed once the workspace is projected."""
    from coterie.audience import inputs
    from coterie.segments.actions import create_dynamic

    made = inputs.read_filter(inputs.catalogue_for(access), where=sentence)
    return str(create_dynamic(access, name=name, filter=made).public_id)


def add_segments(access: Any, count: int) -> dict[str, str]:
    """Make `count` live segments beside those there are, and have them followed; ids by name."""
    from django.db import transaction

    from coterie.audience.projector import project

    with transaction.atomic():
        made = {name: add_segment(access, name, sentence) for name, sentence in filters.segments(count)}
    project(access.workspace)
    return made
