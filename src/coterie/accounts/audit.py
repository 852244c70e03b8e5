"""The audit log: a hash chain per workspace and one for the installation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from coterie.accounts.models import AuditChain, AuditEntry, Workspace
from coterie.kit import clock


@dataclass(frozen=True)
class Actor:
    """Who acts: `user:usr_...`, `key:key_...`, `system`, `cli` or `anonymous`, and from which address."""

    name: str
    ip: str = ""


SYSTEM = Actor("system")
CLI = Actor("cli")


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold."""

    number: int
    reason: str


def record(
    actor: Actor,
    action: str,
    *,
    workspace: Workspace | None,
    target: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the chain of the workspace, or of the installation; call it in the transaction of the action.

    `target` is a public id, `details` holds JSON values without personal data: field names, roles, counts.
    """
    scope = _scope(workspace)
    with transaction.atomic():
        AuditChain.objects.get_or_create(scope=scope)
        # Locked until the action commits: two entries can't follow the same one.
        chain = AuditChain.objects.select_for_update().get(scope=scope)
        entry = AuditEntry(
            workspace=workspace,
            scope=scope,
            number=chain.number + 1,
            at=clock.now(),
            actor=actor.name,
            ip=actor.ip,
            action=action,
            target=target,
            details=dict(details or {}),
            previous=chain.head,
        )
        entry.hashed = _hash(entry)
        entry.save()
        chain.number, chain.head = entry.number, entry.hashed
        chain.save(update_fields=["number", "head"])
    return entry


def newest(workspace: Workspace | None, *, limit: int) -> list[AuditEntry]:
    """Up to `limit` entries of one chain, newest first."""
    return list(AuditEntry.objects.filter(scope=_scope(workspace)).order_by("-number")[:limit])


def verify_chain(workspace: Workspace | None) -> Break | None:
    """Recompute one chain from its first entry to its end; None when it holds, else its first break."""
    scope = _scope(workspace)
    number, head = 0, ""
    for entry in AuditEntry.objects.filter(scope=scope).order_by("number").iterator(chunk_size=1000):
        number += 1
        if entry.number != number:
            return Break(number, "an entry is missing")
        if entry.previous != head:
            return Break(number, "the entry does not follow the one before")
        if entry.hashed != _hash(entry):
            return Break(number, "the entry was changed")
        head = entry.hashed
    chain = AuditChain.objects.filter(scope=scope).first()
    if chain is None:
        return Break(1, "the end of the chain is missing") if number else None
    if (chain.number, chain.head) != (number, head):
        return Break(number + 1, "the newest entries are missing")
    return None


def _scope(workspace: Workspace | None) -> str:
    return "" if workspace is None else str(workspace.pk)


def _hash(entry: AuditEntry) -> str:
    content = {
        "previous": entry.previous,
        "scope": entry.scope,
        "workspace": entry.workspace_id,
        "number": entry.number,
        "at": clock.iso(entry.at),
        "actor": entry.actor,
        "ip": entry.ip,
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
