"""Places into which exports are delivered: every write to them, and what they take."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.permissions import Access
from coterie.kit import addresses, clock, egress, sealing
from coterie.kit.errors import Conflict, CoterieError, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.kit.s3 import Bucket, Credentials
from coterie.transfers import folders
from coterie.transfers.models import DestinationKind, ExportDestination, ExportSchedule

MOST: Final = 50
_SEALED_AS: Final = "export destination"
# As the storages name buckets; dots are left out, since a name with dots can be read as a host.
_BUCKET: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{1,254}")
_REGION: Final = re.compile(r"[a-z0-9-]{1,60}")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_PREFIX_PART: Final = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")
_TRIED: Final = b"Coterie can write here. This file may be removed.\n"


def destination_for(access: Access, public_id: str, *, lock: bool = False) -> ExportDestination:
    """The destination with this id; the same NotFound when there is none and when it is foreign."""
    rows = ExportDestination.objects.of(access.workspace)
    found = (rows.select_for_update() if lock else rows).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such destination.", code="destination_not_found")
    return found


def listed(access: Access) -> list[ExportDestination]:
    """All destinations by name."""
    return list(ExportDestination.objects.of(access.workspace).order_by("name", "pk"))


def names_of(access: Access, wanted: Collection[str]) -> dict[str, str]:
    """The names of these destinations."""
    rows = ExportDestination.objects.of(access.workspace).filter(public_id__in=wanted)
    return dict(rows.values_list("public_id", "name"))


@transaction.atomic
def create(access: Access, given: Mapping[str, Any]) -> ExportDestination:
    """Make a destination from a body's fields. Conflict when the name is taken, InvalidInput for a place that can't be.

    What is refused by kit/addresses.py is refused here by its form; the rest when it is tried.
    """
    rows = ExportDestination.objects.of(access.workspace)
    if rows.count() >= MOST:
        raise Conflict(f"A workspace has at most {MOST} destinations.", code="too_many_destinations")
    row = ExportDestination(workspace=access.workspace, by=access.actor.name, kind=given["kind"])
    _name(row, given["name"])
    _PLACES[DestinationKind(row.kind)](row, given)
    row.save()
    details = {"kind": row.kind, "place": row.place} | _how_reached(row)
    audit.record(
        access.actor, "export_destination.created", workspace=access.workspace, target=row.public_id, details=details
    )
    return row


@transaction.atomic
def change(access: Access, public_id: str, given: Mapping[str, Any]) -> ExportDestination:
    """Rename a destination, or give it another key of the same storage. Conflict when the name is taken.

    Where it leads stays: exports of others would go elsewhere with the rights of others.
    """
    row = destination_for(access, public_id, lock=True)
    if given.get("name") is not None:
        _name(row, given["name"])
    if given.get("key_id") is not None or given.get("secret") is not None:
        if row.kind != DestinationKind.S3:
            raise InvalidInput(Reason("folder_without_key", "A folder has no key."), details={"field": "key_id"})
        if not (given.get("key_id") and given.get("secret")):
            raise InvalidInput(
                Reason("two_parts_of_key", "A key has two parts: send 'key_id' and 'secret' together."),
                details={"field": "secret"},
            )
        _key(row, given)
    row.save()
    fields = sorted(name for name, value in given.items() if value is not None)
    audit.record(
        access.actor,
        "export_destination.changed",
        workspace=access.workspace,
        target=row.public_id,
        details={"fields": fields},
    )
    return row


@transaction.atomic
def delete(access: Access, public_id: str) -> None:
    """Remove a destination and its key; what was delivered stays where it is. Conflict while a schedule uses it."""
    row = destination_for(access, public_id, lock=True)
    used = ExportSchedule.objects.of(access.workspace).filter(destination=row).count()
    if used:
        raise Conflict(
            "Schedules deliver to it: remove them first, or have them deliver elsewhere.",
            code="destination_used",
            details={"schedules": used},
        )
    ExportDestination.objects.of(access.workspace).filter(pk=row.pk).delete()
    # Nobody else knows the name from now on.
    details = {"name": row.name}
    audit.record(
        access.actor, "export_destination.removed", workspace=access.workspace, target=public_id, details=details
    )


def check(access: Access, public_id: str) -> ExportDestination:
    """Write a small file and remove it again; what came of it is kept in the row, and is no error of this call."""
    row = destination_for(access, public_id)
    why: Reason | None = None
    try:
        _try(row)
    except CoterieError as problem:
        why = problem.why()
    row.checked_at, row.check_error, row.check_why = clock.now(), str(why or ""), why and why.as_json()
    with transaction.atomic():
        row.save(update_fields=["checked_at", "check_error", "check_why"])
        audit.record(
            access.actor,
            "export_destination.checked",
            workspace=access.workspace,
            target=row.public_id,
            details={"worked": why is None},
        )
    return row


def bucket_of(row: ExportDestination) -> Bucket:
    """The storage behind a destination. Conflict when its secret can't be read with the present secret key."""
    try:
        secret = sealing.unseal(row.sealed, key=settings.SECRET_KEY, purpose=_SEALED_AS)
    except sealing.Unreadable:
        raise Conflict(
            "The key of this destination can't be read any more: give it again.", code="secret_unreadable"
        ) from None
    return Bucket(row.endpoint, row.region, row.bucket, Credentials(row.key_id, secret))


def object_key(row: ExportDestination, name: str) -> str:
    """The name of an object in the storage."""
    return f"{row.prefix}/{name}" if row.prefix else name


def _try(row: ExportDestination) -> None:
    name = f"coterie-check-{secrets.token_hex(6)}.txt"
    if row.kind == DestinationKind.FOLDER:
        folders.write(row.workspace, row.folder, name, _TRIED)
        folders.remove(row.workspace, row.folder, name)
        return
    bucket, key = bucket_of(row), object_key(row, name)
    bucket.put(key, _TRIED, digest=hashlib.sha256(_TRIED).hexdigest())
    bucket.remove(key)


def _name(row: ExportDestination, name: str) -> None:
    same = ExportDestination.objects.of(row.workspace_id).filter(name=name).exclude(pk=row.pk)
    if same.exists():
        raise Conflict(f'There is a destination "{name}" already.', code="name_taken")
    row.name = name


def _folder(row: ExportDestination, given: Mapping[str, Any]) -> None:
    _refuse_others(given, "endpoint region bucket prefix key_id secret")
    row.folder = folders.checked(given.get("folder") or "")


def _storage(row: ExportDestination, given: Mapping[str, Any]) -> None:
    _refuse_others(given, "folder")
    target = egress.examine(given.get("endpoint") or "")
    if target.path != "/":
        raise InvalidInput(
            Reason(
                "endpoint_alone",
                "The endpoint is the storage alone, such as https://s3.eu-central-1.amazonaws.com: the bucket goes "
                "beside.",
            ),
            details={"field": "endpoint"},
        )
    row.endpoint = target.origin
    row.region, row.bucket = given.get("region") or "us-east-1", given.get("bucket") or ""
    row.prefix = (given.get("prefix") or "").strip("/")
    parts = row.prefix.split("/") if row.prefix else []
    for field, fits in (
        ("region", _REGION.fullmatch(row.region)),
        ("bucket", _BUCKET.fullmatch(row.bucket)),
        ("prefix", all(_PREFIX_PART.fullmatch(part) and part.strip(".") for part in parts)),
    ):
        if not fits:
            raise InvalidInput(
                Reason("not_of_storage", "This is no {field} that a storage takes.", field=field),
                details={"field": field},
            )
    _key(row, given)


def _key(row: ExportDestination, given: Mapping[str, Any]) -> None:
    for field in ("key_id", "secret"):
        if not _KEY.fullmatch(given.get(field) or ""):
            raise InvalidInput(
                Reason("blank_in_key", "A key is a key id and its secret, without blanks."), details={"field": field}
            )
    row.key_id = given["key_id"]
    row.sealed = sealing.seal(given["secret"], key=settings.SECRET_KEY, purpose=_SEALED_AS)


def _refuse_others(given: Mapping[str, Any], names: str) -> None:
    for name in names.split():
        if given.get(name):
            raise InvalidInput(
                Reason("not_of_kind", "A destination of this kind has no {field}.", field=name), details={"field": name}
            )


def _how_reached(row: ExportDestination) -> dict[str, Any]:
    """For the audit log: whether it is reached only because the operator has allowed it."""
    if row.kind == DestinationKind.FOLDER:
        return {}
    try:
        addresses.parse(row.endpoint, ())
    except addresses.AddressRefused:
        return {"allowed_by_operator": True}
    return {}


_PLACES: Final = {DestinationKind.FOLDER: _folder, DestinationKind.S3: _storage}
