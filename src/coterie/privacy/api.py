"""Routes of privacy: a person's copy, erasing, certificates, the register."""

from typing import Annotated

from ninja import Path, Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.jobs.api import shown
from coterie.jobs.schemas import JobOut
from coterie.kit import pagination
from coterie.people.api import PEOPLE, Cursor, Limit, PersonNumber
from coterie.privacy import actions, queries, schemas
from coterie.privacy.registry import HOLDINGS

routes = Routes("privacy")

ERASURES = "/workspaces/{slug}/erasures"
ErasureId = Annotated[
    str, Path(max_length=40, description="The erasure's id.", examples=["era_01kb3z8m0v6x9k2q4r7t5w1y3n"])
]


@routes.post(f"{PEOPLE}/{{int:number}}/copy", permission="people:export", response=JobOut)
def copy_person(request: ApiRequest, slug: str, number: PersonNumber) -> JobOut:
    """Put together everything that is kept of one person: a ZIP of JSON and CSV with a manifest and hashes.

    It is the answer to a request for access. The job's file can be had for seven days, by who asked and by owners.
    """
    return shown(actions.start_copy(request.access, number))[0]


@routes.post(f"{PEOPLE}/erase", permission="people:delete", response=schemas.ErasureOut)
def erase_people(request: ApiRequest, slug: str, body: schemas.EraseBody) -> schemas.ErasureOut:
    """Erase people everywhere, with all that was kept of them; that can't be undone.

    From now on nothing is taken that names one of their identities. A job does the rest, and a certificate says what
    was removed and what is outstanding.
    """
    return schemas.ErasureOut.of(actions.start_erasure(request.access, body.people, reason=body.reason))


@routes.get(ERASURES, permission="people:delete", response=schemas.ErasurePage)
def list_erasures(request: ApiRequest, slug: str, cursor: Cursor = None, limit: Limit = 50) -> schemas.ErasurePage:
    """Erasures, newest first."""
    before = pagination.number(pagination.decode(cursor), "before", most=2**62) if cursor else None
    found = queries.erasures_page(request.access.workspace, before=before, limit=limit + 1)
    place = pagination.encode({"before": found[limit - 1].pk}) if len(found) > limit else None
    return schemas.ErasurePage(items=[schemas.ErasureOut.of(row) for row in found[:limit]], next=place)


@routes.get(f"{ERASURES}/{{erasure}}", permission="people:delete", response=schemas.ErasureOut)
def get_erasure(request: ApiRequest, slug: str, erasure: ErasureId) -> schemas.ErasureOut:
    """One erasure, and how much was removed so far."""
    return schemas.ErasureOut.of(queries.get_erasure(request.access.workspace, erasure))


@routes.get(f"{ERASURES}/{{erasure}}/certificate", permission="people:delete", response=schemas.CertificateOut)
def get_certificate(request: ApiRequest, slug: str, erasure: ErasureId) -> schemas.CertificateOut:
    """The signed certificate of an erasure that is done; it names nobody."""
    return schemas.CertificateOut.model_validate(queries.certificate_of(request.access.workspace, erasure))


@routes.post(f"{ERASURES}/allow", permission="people:delete", status=204, response=None)
def allow_again(request: ApiRequest, slug: str, body: schemas.AgainBody) -> Status[None]:
    """Let an erased person come again by one of their identities, for instance since they agreed anew."""
    actions.let_come_again(request.access, body.kind, body.value)
    return Status(204, None)


@routes.get("/workspaces/{slug}/register", permission="audit:read", response=schemas.RegisterOut)
def get_register(request: ApiRequest, slug: str) -> schemas.RegisterOut:
    """Every table and kind of file: what it holds about whom, and what becomes of it when a person is erased."""
    return schemas.RegisterOut(items=[schemas.HoldingOut.of(row) for row in HOLDINGS.values()])
