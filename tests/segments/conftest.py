"""A workspace with people and members, an index of its own, and the projector run by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from coterie.accounts.models import Role, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access, Caller
from coterie.audience import inputs
from coterie.audience.index import PeopleIndex, forget_indexes, index_of
from coterie.audience.projector import forget_projectors, project
from coterie.people.actions import apply_edits
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.segments import actions
from coterie.segments.models import Segment
from tests.audience.conftest import make_workspace, workspace
from tests.support.world import Api

__all__ = ["make_workspace", "workspace"]

ROLES = {"alice": Role.OWNER, "ada": Role.ADMIN, "bob": Role.AGENT, "vera": Role.VIEWER}
ORIGIN = Origin("api", "test")


@dataclass
class Stage:
    """Alice owns the workspace, Ada is its admin, Bob an agent, Vera a viewer."""

    workspace: Workspace
    users: Mapping[str, User]

    def access(self, who: str = "alice") -> Access:
        return Access(self.workspace, Caller(ip="", user=self.users[who]), ROLES[who])

    def api(self, who: str = "alice") -> SegmentsApi:
        return SegmentsApi(Api(user=self.users[who]), f"/workspaces/{self.workspace.slug}")

    def put(self, user: str, *, events: Any = (), **values: Any) -> int:
        """Write one person; nothing is projected."""
        records = [
            EventRecord(event, at, f"{user}-{event}-{at}-{i}", properties=properties)
            for i, (event, at, properties) in enumerate(events)
        ]
        edit = PersonEdit(identities=[("user_id", user)], set=values, events=records, origin=ORIGIN)
        outcome = apply_edits(self.workspace, [edit])[0]
        assert outcome.number is not None
        return outcome.number

    def settle(self) -> None:
        """Have everything projected."""
        project(self.workspace)

    def dynamic(self, name: str, where: str, *, who: str = "alice") -> Segment:
        """A dynamic segment of a sentence; nothing is projected."""
        access = self.access(who)
        made = inputs.read_filter(inputs.catalogue_for(access), where=where)
        return actions.create_dynamic(access, name=name, filter=made)

    def redefine(self, segment: Segment, where: str, *, who: str = "alice") -> Segment:
        access = self.access(who)
        made = inputs.read_filter(inputs.catalogue_for(access), where=where)
        return actions.change_segment(access, segment.public_id, actions.Edit(filter=made))

    def static(self, name: str, numbers: list[int], *, who: str = "alice") -> Segment:
        return actions.create_static(self.access(who), name=name, numbers=numbers)

    def hide(self, segment: Segment, *roles: Role, users: tuple[str, ...] = ()) -> None:
        ids = [self.users[name].public_id for name in users]
        actions.set_hidden(self.access("alice"), segment.public_id, roles=roles, user_ids=ids)

    @property
    def index(self) -> PeopleIndex:
        return index_of(self.workspace)

    def members(self, segment: Segment) -> set[int]:
        """Who is in the segment, by the sets in memory; KeyError when it is broken or not known."""
        return set(self.index.named[segment.public_id])

    def restart(self) -> None:
        """Forget all memory, as a new process would start."""
        forget_indexes()
        forget_projectors()


@dataclass
class SegmentsApi:
    """The API below one workspace."""

    api: Api
    base: str

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """One request; the answer's JSON, None without a body."""
        answer = self.api.call(method, self.base + path, body)
        assert answer.status_code == expect, (method, path, answer.status_code, answer.content[:500])
        return json.loads(answer.content) if answer.content else None


@pytest.fixture
def stage(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The stage of a test; requests find the projector done instead of waiting for a worker."""
    users = {name: User.objects.create_user(f"{name}@example.org") for name in ROLES}
    for name, role in ROLES.items():
        WorkspaceMember.objects.create(workspace=workspace, user=users[name], role=role)
    monkeypatch.setattr("coterie.segments.requests.wait_until", lambda workspace, seq: project(workspace) >= 0)
    return Stage(workspace, users)
