"""What this room and the libraries it stands on keep about people; see accounts/holding.py.

All of it is about members, who log in. They are no people of an audience, and erasing one of those does not touch it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.models import AuditEntry
from coterie.accounts.permissions import Access
from coterie.kit import clock

_MOST_ENTRIES: Final = 10_000


def _audit(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    targets = [f"person:{number}" for number in numbers]
    rows = AuditEntry.objects.filter(workspace=access.workspace, target__in=targets).order_by("number")
    # Who of the team did it is not the person's to know; what was done is.
    for row in rows[:_MOST_ENTRIES]:
        yield {"at": clock.iso(row.at), "action": row.action, "by": row.actor.partition(":")[0]}


HOLDINGS: Final = (
    Holding(
        "accounts_user",
        "member",
        columns(
            personal="email name password last_login public_id",
            pseudonymous="id",
            none="is_active job_mails session_epoch created_at",
        ),
    ),
    Holding("accounts_workspace", "nobody", columns(none="id slug name timezone language created_at")),
    Holding("accounts_workspacemember", "member", columns(pseudonymous="user", none="id workspace role created_at")),
    Holding(
        "accounts_apikey",
        "member",
        columns(
            pseudonymous="created_by",
            none="id workspace public_id kind name prefix hashed scopes created_at last_used_at revoked_at",
        ),
    ),
    Holding("accounts_auditchain", "nobody", columns(none="id scope number head")),
    Holding(
        "accounts_auditentry",
        "person",
        columns(
            personal="ip",
            pseudonymous="actor target details",
            none="id workspace scope number at action previous hashed",
        ),
        erased="Stays: it names a person by number only, and its chain of hashes would break. "
        "The addresses in it are those of members and keys.",
        read=_audit,
        kept="Always: it proves who did what.",
    ),
    Holding("django_session", "member", columns(personal="session_key session_data", none="expire_date")),
    Holding("django_content_type", "nobody", columns(none="id app_label model")),
    Holding("auth_permission", "nobody", columns(none="id name content_type codename")),
    Holding("auth_group", "nobody", columns(none="id name")),
    Holding("auth_group_permissions", "nobody", columns(none="id group permission")),
    Holding(
        "account_emailaddress", "member", columns(personal="email", pseudonymous="id user", none="verified primary")
    ),
    Holding(
        "account_emailconfirmation",
        "member",
        columns(personal="key", pseudonymous="id email_address", none="created sent"),
    ),
    Holding(
        "mfa_authenticator",
        "member",
        columns(personal="data", pseudonymous="id user", none="type created_at last_used_at"),
    ),
)
