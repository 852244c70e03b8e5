"""A workspace with members, and files of people on their way in and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from coterie.accounts.models import Role, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access, Caller
from coterie.jobs.models import Job
from coterie.people.models import Person
from coterie.people.queries import shown_fields
from coterie.transfers import actions, ledger
from coterie.transfers.models import Import, ImportRow, Phase, RowOutcome
from coterie.transfers.plan import ImportPlan
from tests.audience.conftest import make_workspace, workspace
from tests.support.jobs import run_all
from tests.support.lookup import find_by_identity

__all__ = ["make_workspace", "workspace"]

ROLES = {"alice": Role.OWNER, "ada": Role.ADMIN, "bob": Role.AGENT, "vera": Role.VIEWER}


def _reason(row: ImportRow) -> str:
    return str(ledger.told(row).get("reason", {}).get("reason", ""))


class Desk:
    """Where files are imported; Alice owns the workspace, Ada is an admin, Bob an agent."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.users: dict[str, User] = {}
        for name, role in ROLES.items():
            user = User.objects.create_user(f"{name}@w{workspace.pk}.example.org")
            WorkspaceMember.objects.create(workspace=workspace, user=user, role=role)
            self.users[name] = user

    def access(self, who: str = "alice") -> Access:
        return Access(self.workspace, Caller(ip="127.0.0.1", user=self.users[who]), ROLES[who])

    def upload(self, content: bytes | str, *, name: str = "people.csv", who: str = "alice") -> Import:
        data = content.encode() if isinstance(content, str) else content
        pieces = (data[start : start + 1000] for start in range(0, len(data), 1000))
        return actions.upload(self.access(who), name, pieces)

    def plan(
        self, source: Import, *fields: str, who: str = "alice", columns: dict[str, Any] | None = None, **more: Any
    ) -> Import:
        """A plan with these fields for the columns in order; "" leaves one out, `name:type` makes an attribute.

        `columns` has more of a column by its field.
        """
        made = []
        for place, text in enumerate(fields, start=1):
            name, _, type = text.partition(":")
            if name:
                made.append({"column": place, "field": name, "type": type or None} | (columns or {}).get(name, {}))
        given = {"header_row": source.found["header_row"], "columns": made} | more
        return actions.set_plan(self.access(who), source.public_id, ImportPlan.model_validate(given))

    def rehearse(self, source: Import, *, who: str = "alice") -> Job:
        return self.finished(actions.start_rehearsal(self.access(who), source.public_id))

    def run(self, source: Import, *, who: str = "alice") -> Job:
        return self.finished(actions.start_run(self.access(who), source.public_id))

    def undo(self, source: Import, *, who: str = "alice") -> Job:
        return self.finished(actions.start_undo(self.access(who), source.public_id))

    def finished(self, job: Job) -> Job:
        run_all()
        job.refresh_from_db()
        assert job.state == "done", (job.state, job.error)
        return job

    def imported(self, content: bytes | str, *fields: str, **more: Any) -> tuple[Import, dict[str, int]]:
        """Upload, plan, rehearse and run; both must come to the same. The answer has the counts."""
        source = self.plan(self.upload(content), *fields, **more)
        rehearsed = self.outcomes(source, Phase.REHEARSAL) if self.rehearse(source) else []
        counts: dict[str, int] = self.run(source).result.get("counts", {})
        assert rehearsed == self.outcomes(source, Phase.RUN)
        return source, counts

    def outcomes(self, source: Import, phase: Phase = Phase.RUN) -> list[tuple[int, str, str]]:
        """(line, outcome, reason) of each row."""
        rows = ledger.page(source, phase, outcome=None, after=0, limit=100_000)
        return [(row.line, RowOutcome(row.outcome).name.lower(), _reason(row)) for row in rows]

    def told(self, source: Import, line: int, phase: Phase = Phase.RUN) -> dict[str, Any]:
        (row,) = ledger.page(source, phase, outcome=None, after=line - 1, limit=1)
        assert row.line == line
        return ledger.told(row)

    def person(self, kind: str, value: str) -> Person:
        person = find_by_identity(self.workspace, kind, value)
        assert person is not None, (kind, value)
        return person

    def people(self) -> list[Person]:
        return list(Person.objects.of(self.workspace).filter(state="active").order_by("number"))

    def fields(self) -> set[str]:
        return {row.field.name for row in shown_fields(self.workspace)}


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    return Desk(workspace)


def table(rows: Sequence[Sequence[Any]], **how: Any) -> str:
    """A text table as Python writes it."""
    out = io.StringIO()
    csv.writer(out, **how).writerows(rows)
    return out.getvalue()
