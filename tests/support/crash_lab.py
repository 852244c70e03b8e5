"""A program that dies at a failpoint, starts again, and counts what is left; run by tests/tracking/test_crash.py.

    python -m tests.support.crash_lab FAILPOINT:COUNT ...

Each step is a fork of this process, so that the imports are paid once and every step begins like a new process. For
each failpoint it prints a JSON line: the exit code of the step that should die, which batches were acknowledged, and
how often each event is in the change log at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import django

BATCHES = 4
EVENTS = 3


def main(places: list[str]) -> None:
    data = Path(os.environ["COTERIE_DATA"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "coterie.settings"
    django.setup()
    fresh = Path(tempfile.mkdtemp(prefix="coterie-crash-"))
    try:
        token = _in_child(_set_up)[1][0]
        database = data / "coterie.sqlite3"
        shutil.copy(database, fresh / database.name)
        for place in places:
            for old in data.glob("coterie.sqlite3*"):
                old.unlink()
            shutil.copy(fresh / database.name, database)
            sys.stdout.write(json.dumps(_live_through(place, token)) + "\n")
            sys.stdout.flush()
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _live_through(place: str, token: str) -> dict[str, object]:
    """Send, die, send again what was not acknowledged, drain, and count."""
    sending = ".commit." in place
    code, acked = _in_child(lambda say: _send(token, range(BATCHES), say), place if sending else "")
    stored_at_death = int(_in_child(_stored)[1][0])
    if not sending:
        code = _in_child(_drain, place)[0]
    left = [number for number in range(BATCHES) if str(number) not in acked]
    _in_child(lambda say: _send(token, left, say))
    for _ in range(2):
        _in_child(_drain)
    counts = json.loads(_in_child(_count)[1][0])
    return {"place": place, "code": code, "acked": len(acked), "stored_at_death": stored_at_death, "counts": counts}


def _in_child(step: Callable[[Callable[[str], None]], None], failpoint: str = "") -> tuple[int, list[str]]:
    """Run a step in a fork; its exit code and the lines it said before its end."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = 1
        try:
            os.environ["COTERIE_FAILPOINT"] = failpoint
            from coterie.kit import failpoints

            failpoints.arm()
            step(lambda line: _say(writer, line))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read().split()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def _say(writer: int, line: str) -> None:
    os.write(writer, f"{line}\n".encode())


def _set_up(say: Callable[[str], None]) -> None:
    from django.core.management import call_command
    from django.db import connection

    from coterie.accounts import actions, audit
    from coterie.accounts.models import KeyKind

    call_command("migrate", verbosity=0)
    owner = actions.create_user(audit.SYSTEM, email="alice@example.org", password="correct horse battery")
    workspace = actions.create_workspace(audit.SYSTEM, owner=owner, slug="acme", name="Acme")
    say(actions.create_key(audit.SYSTEM, workspace, kind=KeyKind.WRITE, name="web page")[1])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _send(token: str, numbers: object, say: Callable[[str], None]) -> None:
    from coterie.tracking import endpoints
    from tests.support.asgi import basic, send_to

    async def nothing(*_: object) -> None: ...

    async def run() -> None:
        for number in numbers:  # type: ignore[attr-defined]
            batch = [
                {"type": "track", "userId": f"u{event}", "event": "e", "messageId": f"m{number}-{event}"}
                for event in range(EVENTS)
            ]
            body = json.dumps({"batch": batch}).encode()
            reply = await send_to(endpoints.tracking(nothing), "/v1/batch", [body], headers=basic(token))
            assert reply.status == 200, reply
            say(str(number))

    asyncio.run(run())


def _drain(say: Callable[[str], None]) -> None:
    from coterie.tracking import leases
    from coterie.tracking.drain import drain_once

    leases.release_all()
    while not drain_once(limit=EVENTS).idle:
        pass


def _stored(say: Callable[[str], None]) -> None:
    from coterie.tracking.models import RawBatch

    say(str(RawBatch.objects.count()))


def _count(say: Callable[[str], None]) -> None:
    from django.db import connection

    from coterie.accounts.models import Workspace
    from coterie.tracking.models import MessageId, RawBatch
    from tests.support.tracked import events_of

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        integrity = cursor.fetchone()[0]
        cursor.execute("PRAGMA foreign_key_check")
        broken = len(cursor.fetchall())
    events = Counter(event.message_id for event in events_of(Workspace.objects.get()))
    counts = {
        "events": len(events),
        "most": max(events.values(), default=0),
        "ids": MessageId.objects.count(),
        "raw": RawBatch.objects.count(),
        "integrity": integrity,
        "broken": broken,
    }
    say(json.dumps(counts, separators=(",", ":")))


if __name__ == "__main__":
    main(sys.argv[1:])
