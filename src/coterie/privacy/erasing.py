"""Erasing people everywhere, step by step. Each step can be done again, so a process may end anywhere in between.

1. `ledger`: what is to be erased is written beside the database.
2. `arrived`: what was accepted before is worked in. What names the people is stopped since they were asked to be
   erased, by their tombstones.
3. `counted`: how much of them the index has.
4. `named`: what names them by an identity, in events that were set aside and in ended jobs.
5. `files`: imports that hold them.
6. `people`: their rows. From here on nobody sees them.
7. `undo`: values that bulk actions had replaced.
8. `made`: exports and copies. None that begins now can hold them; those that have begun end first.
9. `log`: their events in the change log.
10. `index`: their rows in ClickHouse, and the parts that held them.
11. `pages`: the database's own leftovers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final

from django.db import connection, connections, transaction

from coterie.accounts import audit
from coterie.accounts.audit import Actor
from coterie.audience import erasing as index
from coterie.audience.engine import engine
from coterie.audience.projector import wait_until
from coterie.jobs.erasing import files_in_making, forget_jobs, forget_made
from coterie.kit import checkpoints, clock, failpoints
from coterie.people import changes, tombstones
from coterie.people import erasing as people
from coterie.people.edits import Origin
from coterie.people.models import Person
from coterie.privacy import certificate, ledger
from coterie.privacy.models import Erasure, ErasureState
from coterie.segments.erasing import forget_undo
from coterie.tracking import erasing as tracking
from coterie.transfers import erasing as transfers

Beat = Callable[[], object]
Rounds = Generator[None, None, None]

# How long one round waits for others: the drain, the projector, ClickHouse's cleaning.
_PATIENCE: Final = 20.0
_PAUSE: Final = 0.2
# Purposes of files that may hold anyone, and can be made again.
_MADE: Final = ("export", "copy")


def erase(erasure: Erasure, beat: Beat) -> Rounds:
    """Do what is left of an erasure. Each `yield` is a place where it may be stopped and gone on with later.

    `beat` is called now and then, from a step that takes long.
    """
    yield from _go(erasure, beat, list(_STEPS))
    _finish(erasure)


def erase_truth(erasure: Erasure) -> Rounds:
    """Do as much of it as can be done before the index is there: after this nobody can be read any more."""
    names = list(_STEPS)
    # What was accepted before a restore is stopped by tombstones when it is worked in.
    wanted = [name for name in names[: names.index("undo") + 1] if name not in ("arrived", "counted")]
    yield from _go(erasure, lambda: None, wanted)


def _go(erasure: Erasure, beat: Beat, wanted: Sequence[str]) -> Rounds:
    names = list(_STEPS)
    begin = names.index(erasure.step) + 1 if erasure.step else 0
    for name in names[begin:]:
        if name in wanted:
            yield from _STEPS[name](erasure, beat)
            _save(erasure, step=name, mark=0)
            failpoints.hit("erase.step")
            yield


def statement_of(erasure: Erasure) -> dict[str, Any]:
    """What the certificate says: no personal data, so that it can be given to anyone."""
    assert erasure.finished_at is not None
    return {
        "erasure": erasure.public_id,
        "workspace": erasure.workspace.slug,
        "people": len(erasure.numbers),
        "asked_at": clock.iso(erasure.asked_at),
        "finished_at": clock.iso(erasure.finished_at),
        "scope_sha256": erasure.scope,
        "removed": dict(sorted(erasure.counts.items())),
        "outstanding": [*_outstanding(), *transfers.delivered(erasure.workspace)],
    }


def _outstanding() -> list[str]:
    found = [
        "Backups that were made before hold the people until they are thrown away. "
        "A database that is restored from one is erased again before it is used.",
        "Entries of the audit log and sets of members name numbers, which lead to nobody any more.",
    ]
    if connection.vendor == "postgresql":
        found += [
            "PostgreSQL's write-ahead log, and archives and replicas made of it, hold what was removed until they are "
            "recycled.",
            "VACUUM has marked the room of removed rows as free in the tables' files: nothing reads it any more, and "
            "its bytes are gone when it is written over.",
        ]
    if engine().nodes:
        found.append(
            "ClickHouse keeps old parts for some seconds. What removes people names numbers only; but its logs of "
            "queries have what members searched and filtered for, until they are rotated."
        )
    return found


def _save(erasure: Erasure, **values: Any) -> None:
    for name, value in values.items():
        setattr(erasure, name, value)
    Erasure.objects.of(erasure.workspace_id).filter(pk=erasure.pk).update(counts=erasure.counts, **values)


def _add(erasure: Erasure, counts: dict[str, int]) -> None:
    for name, count in counts.items():
        erasure.counts[name] = erasure.counts.get(name, 0) + count


def _write_down(erasure: Erasure, beat: Beat) -> Rounds:
    workspace = erasure.workspace
    rows = Person.objects.of(workspace).filter(number__in=erasure.numbers).values_list("number", "created_at")
    made = [(number, clock.to_ms(at)) for number, at in rows.order_by("number")]
    digests = [tombstones.digest(workspace.pk, key) for key in people.known_as(workspace, erasure.numbers)]
    ledger.add(erasure.public_id, workspace.slug, erasure.asked_at, made, digests)
    yield


def _await_arrived(erasure: Erasure, beat: Beat) -> Rounds:
    while tracking.undrained(erasure.workspace, before=erasure.asked_at):
        beat()
        time.sleep(_PAUSE)
        yield


def _count(erasure: Erasure, beat: Beat) -> Rounds:
    yield from _await_index(erasure, changes.head(erasure.workspace), beat)
    # Not added: a second time, it is the same.
    erasure.counts |= index.count_rows(engine(), erasure.workspace_id, erasure.numbers)
    yield


def _forget_named(erasure: Erasure, beat: Beat) -> Rounds:
    values = {value for _, value in people.known_as(erasure.workspace, erasure.numbers)}
    with transaction.atomic():
        _add(erasure, tracking.forget_named(erasure.workspace, values))
        _add(erasure, forget_jobs(erasure.workspace, values))
        _save(erasure, step="named")
    yield


def _forget_files(erasure: Erasure, beat: Beat) -> Rounds:
    workspace = erasure.workspace
    known = people.known_as(workspace, erasure.numbers)
    while True:
        try:
            _add(erasure, transfers.forget_files(workspace, erasure.numbers, known))
            break
        except transfers.Busy:
            # An import of theirs goes on: its job ends first, or is cancelled.
            beat()
            time.sleep(_PAUSE)
            yield
    index.remove_broken()
    yield


def _remove_people(erasure: Erasure, beat: Beat) -> Rounds:
    # In one transaction with the step: what was counted is not counted again.
    with transaction.atomic():
        _add(erasure, people.remove_people(erasure.workspace, erasure.numbers, Origin("system", erasure.public_id)))
        _save(erasure, step="people", mark=0)
    yield


def _forget_undo(erasure: Erasure, beat: Beat) -> Rounds:
    with transaction.atomic():
        _add(erasure, forget_undo(erasure.workspace, erasure.numbers))
        _save(erasure, step="undo")
    yield


def _forget_made(erasure: Erasure, beat: Beat) -> Rounds:
    before = clock.now()
    while files_in_making(erasure.workspace, before=before):
        # They may have read the people: what they write is removed when they are done.
        beat()
        time.sleep(_PAUSE)
        yield
    _add(erasure, forget_made(erasure.workspace, _MADE, before=before))
    yield


def _strip_log(erasure: Erasure, beat: Beat) -> Rounds:
    head = changes.head(erasure.workspace)
    yield from _await_index(erasure, head, beat)
    while True:
        with transaction.atomic():
            page = people.strip_page(erasure.workspace, erasure.numbers, after=erasure.mark, upto=head)
            if page is None:
                return
            _add(erasure, {"people_change": page.changes, "events of the log": page.events})
            _save(erasure, mark=page.seq)
        beat()
        yield


def _await_index(erasure: Erasure, seq: int, beat: Beat) -> Rounds:
    while not wait_until(erasure.workspace, seq, seconds=2.0):
        beat()
        yield


def _clean_index(erasure: Erasure, beat: Beat) -> Rounds:
    yield from _await_index(erasure, changes.head(erasure.workspace), beat)
    index.remove_rows(engine(), erasure.workspace_id, erasure.numbers)
    yield
    while True:
        try:
            index.await_clean(engine(), erasure.workspace_id, seconds=_PATIENCE, beat=beat)
            return
        except index.StillThere:
            yield


def _clean_pages(erasure: Erasure, beat: Beat) -> Rounds:
    if connection.vendor == "postgresql":
        with ThreadPoolExecutor(1, thread_name_prefix="vacuum") as beside:
            for table in sorted(name for name in erasure.counts if name in _tables()):
                done = beside.submit(_vacuum, table)
                # A large table takes longer than a lease lasts.
                while not wait([done], timeout=_PAUSE).done:
                    beat()
                done.result()
                yield
        return
    while not checkpoints.empty():
        beat()
        time.sleep(_PAUSE)
        yield


def _vacuum(table: str) -> None:
    """Clean a table; in a thread, and so a connection, of its own."""
    try:
        with connection.cursor() as cursor:
            # sql: the name of one of our tables
            cursor.execute(f'VACUUM "{table}"')
    finally:
        connections.close_all()


def _tables() -> set[str]:
    return {"people_change", *connection.introspection.table_names()}


def _finish(erasure: Erasure) -> None:
    with transaction.atomic():
        _save(erasure, state=ErasureState.DONE, finished_at=clock.now())
        _save(erasure, certificate=certificate.signed(statement_of(erasure)))
        audit.record(
            Actor(erasure.by),
            "people.erased",
            workspace=erasure.workspace,
            target=erasure.public_id,
            details={"people": erasure.numbers},
        )


_STEPS: Final[dict[str, Callable[[Erasure, Beat], Rounds]]] = {
    "ledger": _write_down,
    "arrived": _await_arrived,
    "counted": _count,
    "named": _forget_named,
    "files": _forget_files,
    "people": _remove_people,
    "undo": _forget_undo,
    "made": _forget_made,
    "log": _strip_log,
    "index": _clean_index,
    "pages": _clean_pages,
}
