"""The truth must survive a power cut: a database that is set to forget is refused at the first connection."""

from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from coterie.kit.errors import Unavailable


class NotDurable(Unavailable):
    """The database may lose what it has acknowledged. Commands end with it; requests are refused until it is mended."""

    default_code = "not_durable"
    default_message = "The database may lose what it has acknowledged."


# What each setting must be, and the query that tells. Values as the database says them.
_REQUIRED: Final[dict[str, tuple[tuple[str, str, frozenset[str]], ...]]] = {
    "sqlite": (
        ("journal_mode", "PRAGMA journal_mode", frozenset({"wal"})),
        ("synchronous", "PRAGMA synchronous", frozenset({"2", "3"})),  # FULL or EXTRA
        ("foreign_keys", "PRAGMA foreign_keys", frozenset({"1"})),
    ),
    "postgresql": (
        ("fsync", "SHOW fsync", frozenset({"on"})),
        ("synchronous_commit", "SHOW synchronous_commit", frozenset({"on", "remote_write", "remote_apply"})),
    ),
}
_seen: set[str] = set()


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What is wrong with the database's settings, one sentence each; empty when it is durable."""
    found = []
    with connection.cursor() as cursor:
        for name, query, allowed in _REQUIRED[connection.vendor]:
            cursor.execute(query)
            value = str(cursor.fetchone()[0]).lower()
            if value not in allowed:
                found.append(f"{connection.vendor}: {name} is {value}, expected {' or '.join(sorted(allowed))}")
    return found


def watch() -> None:
    """From now on, refuse databases that are not durable."""
    connection_created.connect(_refuse, dispatch_uid="coterie.kit.durability")


def _refuse(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    # Once in a process and database: the settings belong to the server, or are made by our own init_command.
    if connection.alias in _seen:
        return
    found = problems(connection)
    if found:
        raise NotDurable(f"{'. '.join(found)}. Acknowledged data could be lost.", retry_after=60)
    _seen.add(connection.alias)
