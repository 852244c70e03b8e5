"""A workspace of its own in the process's real index, for every test that wants one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.audience import startup
from coterie.audience.index import PeopleIndex, forget_indexes, index_of
from coterie.audience.projector import forget_projectors, project, project_first
from coterie.kit import clock
from coterie.people.actions import apply_edits
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.web import runtime

# Tests roll SQL back but not the index: a number that no other test had keeps its rows apart.
_numbers = itertools.count(1000)

MakeWorkspace = Callable[..., Workspace]


@pytest.fixture
def make_workspace(db: None, cleared_index: None) -> Iterator[MakeWorkspace]:
    """Makes workspaces with an index that is ready."""
    startup.forget_ready()
    forget_indexes()
    forget_projectors()
    startup.adopt()

    def make(timezone: str = "UTC") -> Workspace:
        number = next(_numbers)
        return Workspace.objects.create(pk=number, slug=f"w{number}", name=f"W{number}", timezone=timezone)

    yield make
    forget_indexes()
    forget_projectors()


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    """An empty workspace in UTC."""
    return make_workspace()


def write(workspace: Workspace, user: str, *, events: Any = (), **values: Any) -> int:
    """Write one person as a secret key would, and have it projected; the answer is their number."""
    edit = PersonEdit(
        identities=[("user_id", user)],
        set=values,
        events=[
            EventRecord(name, at, f"{user}-{name}-{at}-{i}", properties=properties)
            for i, (name, at, properties) in enumerate(events)
        ],
        origin=Origin("api", "test"),
    )
    outcome = apply_edits(workspace, [edit])[0]
    assert outcome.number is not None, outcome.error
    project(workspace)
    return outcome.number


@contextmanager
def serving() -> Iterator[None]:
    """Have requests find what they wrote, in either shape: the projector is in this process."""
    with runtime.attached():
        project_first(lambda workspace, _seq: project(workspace))
        yield


def index(workspace: Workspace) -> PeopleIndex:
    """The workspace's index."""
    return index_of(workspace)


def now_ms() -> int:
    """The present in milliseconds."""
    return clock.to_ms(clock.now())
