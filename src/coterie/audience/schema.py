"""The tables of the index in ClickHouse: one statement each, the same on one node and on a cluster.

`people`, `events`, `merges` and `transitions` are what every query names. On one node they are the stored tables; on a
cluster each is a `Distributed` table over `<name>_local`, sharded by the person's number so that one person's rows lie
on one shard. `merges` is small and whole on every node, so that events can be joined with it where they lie.

A person's values are JSON paths made of a letter for the type and the field's id (see names.py): no text of a user is
ever part of a path.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "4"

# A retried insert of the same immutable block is recognised by its token within this many blocks.
_DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000"
# How often old parts are looked for, in seconds: an erasure waits until they are gone (erasing.py).
_CLEANED = "cleanup_delay_period = 5, max_cleanup_delay_period = 5, cleanup_delay_period_random_add = 0"
# A workspace that rests becomes one part: reading several with FINAL takes four times as long as reading one.
_ONE_PART = "min_age_to_force_merge_seconds = 30, min_age_to_force_merge_on_partition_only = 1"


@dataclass(frozen=True)
class Table:
    """One table: its columns with their ClickHouse types, its engine and its order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    engine: str
    order: str
    sharded: bool = True
    settings: str = f"{_DURABLE}, {_CLEANED}"
    partition: str = "workspace"

    @property
    def types(self) -> dict[str, str]:
        """Column name -> ClickHouse type."""
        return dict(self.columns)


TABLES = {
    table.name: table
    for table in (
        Table(
            "people",
            (
                ("workspace", "UInt32"),
                ("number", "UInt32"),
                ("version", "UInt64"),
                ("live", "UInt8"),
                ("a", "JSON(max_dynamic_paths=1024)"),
            ),
            "ReplacingMergeTree(version)",
            "(workspace, number)",
            settings=f"{_DURABLE}, {_CLEANED}, {_ONE_PART}",
        ),
        Table(
            "events",
            (
                ("workspace", "UInt32"),
                ("event", "UInt32"),
                ("number", "UInt32"),
                ("time", "Int64"),
                ("seq", "UInt64"),
                ("pos", "UInt32"),
                ("received", "Int64"),
                ("message_id", "String"),
                ("kind", "LowCardinality(String)"),
                ("source", "LowCardinality(String)"),
                ("p", "JSON(max_dynamic_paths=1024)"),
                ("raw", "String CODEC(ZSTD(3))"),
            ),
            "MergeTree",
            "(workspace, event, number, time)",
        ),
        Table(
            "merges",
            (("workspace", "UInt32"), ("number", "UInt32"), ("survivor", "UInt32"), ("version", "UInt64")),
            "ReplacingMergeTree(version)",
            "(workspace, number)",
            sharded=False,
        ),
        Table(
            "transitions",
            (
                ("workspace", "UInt32"),
                ("segment", "UInt32"),
                ("number", "UInt32"),
                ("entered", "UInt8"),
                ("at", "Int64"),
                ("seq", "UInt64"),
                ("position", "UInt64"),
                ("cause", "LowCardinality(String)"),
                ("ref", "String"),
            ),
            # Read with FINAL: a process that was asleep may write what another one has written long ago.
            "ReplacingMergeTree",
            "(workspace, segment, number, at, position, entered)",
        ),
        Table(
            "meta",
            (("key", "String"), ("value", "String"), ("version", "UInt64")),
            "ReplacingMergeTree(version)",
            "key",
            sharded=False,
            partition="",
        ),
    )
}


def create_statements(cluster: str | None) -> list[str]:
    """The statements that make every table where it is missing, to be run on each node."""
    statements = []
    for table in TABLES.values():
        spread = bool(cluster) and table.sharded
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        partition = f" PARTITION BY {table.partition}" if table.partition else ""
        stored = f"{table.name}_local" if spread else table.name
        statements.append(
            f"CREATE TABLE IF NOT EXISTS {stored} ({columns}) ENGINE = {table.engine}{partition} "
            f"ORDER BY {table.order} SETTINGS {table.settings}"
        )
        if spread:
            plain = ", ".join(f"{name} {kind.split(' CODEC')[0]}" for name, kind in table.columns)
            statements.append(
                f"CREATE TABLE IF NOT EXISTS {table.name} ({plain}) "
                f"ENGINE = Distributed('{cluster}', currentDatabase(), '{stored}', intHash64(number))"
            )
    return statements


def drop_statements(cluster: str | None) -> list[str]:
    """The statements that remove every table, to be run on each node."""
    statements = []
    for table in TABLES.values():
        statements.append(f"DROP TABLE IF EXISTS {table.name} SYNC")
        if cluster and table.sharded:
            statements.append(f"DROP TABLE IF EXISTS {table.name}_local SYNC")
    return statements
