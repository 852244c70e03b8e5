"""A workspace with something of everything, and ids that lead to it: for tests that walk the whole document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import KeyKind, Role, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import PERMISSIONS, Access, Caller
from coterie.audience.duplicates import LIKE_NAME
from coterie.filters.fields import FieldType
from coterie.jobs import actions, files, kinds
from coterie.jobs.kinds import Kind, Steps
from coterie.jobs.models import Job
from coterie.jobs.turn import Turn
from coterie.jobs.wording import titled
from coterie.kit import clock
from coterie.people import tombstones
from coterie.people.actions import apply_edits, create_attribute
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.journal import merge_with_choices
from coterie.people.models import LegalHold, MergeSuggestion
from coterie.people.suggestions import Alike, propose
from coterie.privacy.actions import scope_of
from coterie.privacy.certificate import signed
from coterie.privacy.erasing import statement_of
from coterie.privacy.models import Erasure, ErasureState
from coterie.privacy.schemas import AgainBody
from coterie.transfers import actions as transfers
from coterie.transfers import destinations, schedules
from coterie.transfers.plan import ImportPlan
from coterie.transfers.schemas import ExportBody
from tests.support.world import Api

PEOPLE = 60
ATTRIBUTES = {"tier": FieldType.TEXT, "orders": FieldType.NUMBER, "a.b": FieldType.TEXT, "skills": FieldType.LIST}


@dataclass
class Site:
    """A workspace; `ids` holds values for parameters of paths, by their name."""

    workspace: Workspace
    owner: User
    ids: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"/workspaces/{self.workspace.slug}"

    def as_owner(self) -> Api:
        """The API as someone who is logged in and may do everything."""
        return Api(user=self.owner)

    def new_token(self) -> str:
        """A secret key with all scopes."""
        scopes = [name for name, row in PERMISSIONS.items() if row.for_keys]
        _, token = accounts.create_key(audit.SYSTEM, self.workspace, kind=KeyKind.SECRET, name="all", scopes=scopes)
        return token

    def real(self, example: Any, *, name: str = "") -> Any:
        """A documented example with ids of this workspace in place of made-up ones."""
        if isinstance(example, dict):
            return {key: self.real(value, name=key) for key, value in example.items()}
        if isinstance(example, list):
            segments = iter(self.ids["segment"])
            return [next(segments) if _is_segment(value) else self.real(value) for value in example]
        if name == "destination":
            return self.ids[name][0]
        # The second is the static one, into which people can be put.
        return self.ids["segment"][1] if _is_segment(example) else example


def _is_segment(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("seg_")


def make_site(workspace: Workspace) -> Site:
    """Fill a workspace whose index is ready; requests must find their writes projected."""
    owner, other = (
        accounts.create_user(audit.SYSTEM, email=f"{name}@{workspace.slug}.example.org") for name in ("olga", "otto")
    )
    for user, role in ((owner, Role.OWNER), (other, Role.AGENT)):
        WorkspaceMember.objects.create(workspace=workspace, user=user, role=role)
    key, _ = accounts.create_key(audit.SYSTEM, workspace, kind=KeyKind.WRITE, name="spare")
    attributes = [create_attribute(workspace, key=name, type=kind) for name, kind in ATTRIBUTES.items()]
    apply_edits(workspace, [_person(i) for i in range(PEOPLE)])
    site = Site(workspace, owner)
    api = site.as_owner()
    people, segments = f"{site.base}/people", f"{site.base}/segments"
    made = [
        api.post(segments, body).json()["id"]
        for body in ({"name": "Everyone", "where": "everyone"}, {"name": "Two", "kind": "static", "people": [1, 2]})
    ]
    for segment in made:
        # The documented examples go back to the second revision and have seen the third.
        for text in (".", ".."):
            assert api.patch(f"{segments}/{segment}", {"description": text}).status_code == 200
    selection = {"numbers": [1, 2, 3]}
    site.ids = {
        "slug": [workspace.slug],
        "number": list(range(1, PEOPLE + 1)),
        "attribute": [row.pk for row in attributes],
        "name": ["city", "email"],
        "field": ["country", "orders", "tags", "a.b", "created_at"],
        "segment": made,
        "user_id": [other.public_id],
        "key_id": [key.public_id],
        "event_id": ["qua_01jd8v6m3e5q9w2x4y7z0abcde"],
        "note": [api.post(f"{people}/{i}/notes", {"text": "Hello"}).json()["id"] for i in range(1, PEOPLE + 1)],
        "view": [
            api.post(f"{site.base}/views", {"name": f"View {i}", "where": "everyone", "shared": True}).json()["id"]
            for i in range(9)
        ],
        "undo": [
            api.post(f"{people}/bulk/change", {"selection": selection, "add_tags": [f"t{i}"]}).json()["undo"]
            for i in range(9)
        ],
        "job": (jobs := _jobs(site)),
        "file": [_file(workspace, jobs[0])],
        "import_id": [_import(site) for _ in range(9)],
        "suggestion": _suggestions(workspace),
        "merge": [_merge(site, number) for number in (50, 52)],
        "erasure": [_erasure(workspace)],
        # Of a person whom nothing else of the document is about.
        "hold": [LegalHold.objects.create(workspace=workspace, number=PEOPLE + 1_000, reason="x", by="x").public_id],
    }
    site.ids |= _scheduled(site)
    return site


def _nothing(turn: Turn) -> Steps:
    turn.save(done=0, total=0)
    yield
    return {}


NOTHING = Kind("test.nothing", _nothing, mail="never")


def _jobs(site: Site) -> list[str]:
    """Jobs that wait, but for the second, which was cancelled: it can go on, and then be cancelled again."""
    kinds.register(NOTHING)
    access = Access(site.workspace, Caller(ip="", user=site.owner), Role.OWNER)
    made = [
        actions.start(
            access, NOTHING.name, title=titled("import", name=f"{i}.csv"), permission="people:read", params={}
        ).public_id
        for i in range(9)
    ]
    actions.cancel(access, made[1])
    return made


def _import(site: Site) -> str:
    """An import of three columns with the plan that the document shows."""
    access = Access(site.workspace, Caller(ip="", user=site.owner), Role.OWNER)
    source = transfers.upload(access, "people.csv", [b"email,name,plan\nada@example.org,Ada,pro\n"])
    plan = ImportPlan.model_validate(ImportPlan.model_config["json_schema_extra"]["examples"][0])  # type: ignore[index, call-overload]
    transfers.set_plan(access, source.public_id, plan)
    return source.public_id


def _suggestions(workspace: Workspace) -> list[int]:
    propose(workspace, [Alike(number, number + 1, 90, LIKE_NAME) for number in (20, 22, 24)])
    return list(MergeSuggestion.objects.of(workspace).order_by("pk").values_list("pk", flat=True))


def _scheduled(site: Site) -> dict[str, list[Any]]:
    """Destinations and schedules that deliver to one of them; the server has a folder for exports."""
    assert settings.COTERIE_EXPORT_FOLDER is not None
    access = Access(site.workspace, Caller(ip="", user=site.owner), Role.OWNER)
    places = [
        destinations.create(access, {"name": f"Place {i}", "kind": "folder", "folder": f"place{i}"}).public_id
        for i in range(9)
    ]
    times = {"every": "day", "at": "06:00", "destination": places[0], "export": ExportBody.model_validate({})}
    made = [schedules.create(access, {"name": f"Schedule {i}"} | times).public_id for i in range(9)]
    return {"destination": places, "schedule": made}


def _merge(site: Site, number: int) -> int:
    """The id of a merge of a person with the next."""
    access = Access(site.workspace, Caller(ip="", user=site.owner), Role.OWNER)
    return merge_with_choices(access, number, number + 1, {}, origin=Origin("api", "test")).pk


def _erasure(workspace: Workspace) -> str:
    """The id of an erasure that is done: of the person whom the document lets come again."""
    again = AgainBody.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index, call-overload]
    digests = [tombstones.digest(workspace.pk, (again["kind"], again["value"]))]  # type: ignore[index, call-overload]
    made = Erasure.objects.create(
        workspace=workspace,
        state=ErasureState.DONE,
        numbers=[PEOPLE + 1_000],
        scope=scope_of(digests),
        by="cli",
        finished_at=clock.now(),
    )
    tombstones.bury(workspace, digests, made.public_id)
    made.certificate = signed(statement_of(made))
    made.save()
    return made.public_id


def _file(workspace: Workspace, job: str) -> str:
    path = files.new_place(workspace, ".csv")
    files.write_pieces(path, [b"name\nAda\n"], most=100)
    row = Job.objects.of(workspace).get(public_id=job)
    return files.keep(workspace, path, name="people.csv", purpose="export", job=row).public_id


def _person(i: int) -> PersonEdit:
    return PersonEdit(
        identities=[("user_id", f"u{i}")],
        set={"name": f"Ada {i}", "orders": i, "a.b": "x", "city": "Rome"},
        add_tags=["vip"],
        events=[EventRecord("purchase", 1_780_000_000_000 + i, f"m{i}", properties={"amount": i})],
        origin=Origin("api", "test"),
    )
