"""Every read of erasures."""

from __future__ import annotations

from coterie.accounts.models import Workspace
from coterie.kit.errors import Conflict, NotFound
from coterie.privacy.models import Erasure


def erasures_page(workspace: Workspace, *, before: int | None, limit: int) -> list[Erasure]:
    """Erasures with an id below `before`, newest first."""
    rows = Erasure.objects.of(workspace).select_related("job")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def get_erasure(workspace: Workspace, public_id: str) -> Erasure:
    """One erasure; NotFound when there is none of that id."""
    found = Erasure.objects.of(workspace).select_related("job").filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such erasure.", code="erasure_not_found")
    return found


def certificate_of(workspace: Workspace, public_id: str) -> dict[str, object]:
    """The certificate; Conflict while the erasure goes on."""
    found = get_erasure(workspace, public_id)
    if found.certificate is None:
        raise Conflict("The erasure goes on: its certificate is made at the end.", code="erasure_going_on")
    certificate: dict[str, object] = found.certificate
    return certificate
