"""Files of people on their way in and out, in a process of its own for `measured`.

Each function takes a data folder; its name is the number of people. They are called one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

WIDE: Final = ("a", "b", "c", "d", "e")
# Characters of each value: what is kept of all people at once is seen.
LENGTH: Final = 1_000
# People in one step of an export: far fewer than there are, as in a large one.
STEP: Final = 500


def imported(folder: Path) -> Any:
    """Make the workspace and bring everyone in from CSV; how many were created."""
    _open(folder)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from coterie.accounts.models import Workspace
    from coterie.transfers import actions
    from tests.transfers.conftest import Desk

    desk = Desk(Workspace.objects.create(slug="w", name="W", timezone="UTC"))
    source = actions.upload(desk.access(), "people.csv", _lines(int(folder.name)))
    desk.plan(source, "email", *(f"{name}:text" for name in WIDE), key="email")
    return desk.run(source).result["counts"]


def projected(folder: Path) -> int:
    """Bring everyone into the index; how many there are."""
    _open(folder)
    from coterie.accounts.models import Workspace
    from coterie.audience import startup
    from coterie.audience.projector import project
    from coterie.people.models import Person

    startup.adopt()
    project(Workspace.objects.get())
    return Person.objects.count()


def exported_csv(folder: Path) -> Any:
    """Everyone as CSV."""
    return _exported(folder, "csv")


def exported_xlsx(folder: Path) -> Any:
    """Everyone as XLSX."""
    return _exported(folder, "xlsx")


def _exported(folder: Path, format: str) -> Any:
    _open(folder)
    from coterie.accounts.models import User, Workspace
    from coterie.accounts.permissions import Access, Caller, Role
    from coterie.audience import startup
    from coterie.audience.engine import engine
    from coterie.jobs.models import Job
    from coterie.transfers import actions, exporting
    from coterie.transfers.schemas import ExportBody
    from tests.support.jobs import run_all

    startup.adopt()
    # ClickHouse puts its parts together when it likes, and takes memory for that.
    engine().command("SYSTEM STOP MERGES")
    exporting.STEP = STEP  # type: ignore[misc]
    caller = Caller(ip="127.0.0.1", user=User.objects.get(email__startswith="alice@"))
    access = Access(Workspace.objects.get(), caller, Role.OWNER)
    job = actions.start_export(access, ExportBody.model_validate({"format": format}))
    run_all()
    return Job.objects.get(pk=job.pk).result["counts"]


def _open(folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith("COTERIE_")]:
        del os.environ[name]
    os.environ |= {"DJANGO_SETTINGS_MODULE": "coterie.settings", "COTERIE_DATA": str(folder)}
    os.environ["COTERIE_SECRET_KEY"] = "x" * 40
    import django
    from django.conf import settings
    from django.db import connection

    django.setup()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # What SQLite keeps of its file has limits of its own, above all that is here.
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA mmap_size=0")
        cursor.execute("PRAGMA cache_size=-2000")


def _lines(people: int) -> Iterator[bytes]:
    yield (",".join(["email", *WIDE]) + "\n").encode()
    for number in range(people):
        values = [f"{name}{number} ".ljust(LENGTH, name) for name in WIDE]
        yield (",".join([f"p{number}@example.org", *values]) + "\n").encode()
