"""Sets of people kept beside a job: whom it is about is settled when it is asked for, so a resumed one is the same."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Final

from django.conf import settings
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.jobs import files
from coterie.jobs.models import StoredFile
from coterie.kit.errors import Conflict

# A job that was cancelled or has failed can go on for so long.
KEEP: Final = timedelta(days=30)


def freeze(workspace: Workspace, members: BitMap) -> str:
    """Keep a set on disk; the answer is its place, for `read` and `forget`."""
    path = files.new_place(workspace, ".people")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(members.serialize())
    try:
        return files.keep(workspace, path, name="people", purpose="frozen", keep_for=KEEP).place
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read(place: str) -> BitMap:
    """The set that was kept; Conflict when it is gone."""
    try:
        return BitMap.deserialize((settings.COTERIE_FILES / place).read_bytes())
    except FileNotFoundError:
        raise Conflict("The people of this job are not known any more. Start it again.", code="people_gone") from None


def forget(workspace: Workspace, place: str) -> None:
    """Remove a set that is not needed any more; a second time changes nothing."""
    file = StoredFile.objects.of(workspace).filter(place=place, removed_at=None).first()
    if file is not None:
        files.remove(file)
