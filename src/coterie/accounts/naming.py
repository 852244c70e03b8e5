"""How the things are called whose ids stand in the audit log: it keeps no names, each room knows its own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from coterie.accounts.models import ApiKey, AuditEntry, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access
from coterie.kit import ids

_ID: Final = ids.pattern()
# Names of some of these ids, as far as the reader may know them.
Namer = Callable[[Access, Collection[str]], Mapping[str, str]]


def names_in(access: Access, entries: Iterable[AuditEntry]) -> dict[str, str]:
    """The names of what the entries are about, by public id; without what has none, or is hidden from the reader."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for found in _ID.finditer(" ".join((entry.actor, entry.target, json.dumps(entry.details)))):
            wanted[found[1]].add(found[0])
    return {
        public_id: name
        for prefix, these in wanted.items()
        if prefix in _NAMERS
        for public_id, name in _NAMERS[prefix](access, these).items()
    }


def register(prefix: str, namer: Namer) -> None:
    """Have a room name the ids that begin with this prefix; they may come from anywhere, other workspaces too."""
    _NAMERS[prefix] = namer


def _users(access: Access, wanted: Collection[str]) -> dict[str, str]:
    """Members, and those who were."""
    workspace = access.workspace
    members = WorkspaceMember.objects.of(workspace).filter(user__public_id__in=wanted)
    known = set(members.values_list("user__public_id", flat=True))
    if others := set(wanted) - known:
        known |= _former(workspace, others)
    rows = User.objects.filter(public_id__in=known)
    return {user.public_id: user.name or user.email for user in rows}


def _former(workspace: Workspace, wanted: Collection[str]) -> set[str]:
    removed = AuditEntry.objects.of(workspace).filter(action="member.removed", target__in=wanted)
    return set(removed.order_by().values_list("target", flat=True))


def _keys(access: Access, wanted: Collection[str]) -> dict[str, str]:
    rows = ApiKey.objects.of(access.workspace).filter(public_id__in=wanted)
    return dict(rows.values_list("public_id", "name"))


_NAMERS: Final[dict[str, Namer]] = {"usr": _users, "key": _keys}
