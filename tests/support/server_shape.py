"""The server shape on one machine: a two-shard ClickHouse cluster and a throw-away PostgreSQL database."""

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import postgres
from tests.support.clickhouse_node import Node, NodeFailed, cluster_xml, free_addresses

CLUSTER = "two"
SHARDS = 2
_ATTEMPTS = 3


@dataclass
class ClickHouseCluster:
    """Nodes that know each other as the shards of CLUSTER; `nodes` can be killed and started one by one."""

    folder: Path
    nodes: list[Node] = field(default_factory=list)

    @property
    def urls(self) -> str:
        return ",".join(node.address.url for node in self.nodes)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster() -> ClickHouseCluster:
    """Start the shards on free ports; another program may take a port meanwhile, so it is tried with new ones."""
    for attempt in range(1, _ATTEMPTS + 1):
        addresses = free_addresses(SHARDS)
        shards = cluster_xml(CLUSTER, addresses)
        cluster = ClickHouseCluster(Path(tempfile.mkdtemp(prefix="coterie-clickhouse-")))
        cluster.nodes = [
            Node(cluster.folder / f"shard{number}", address, cluster=shards)
            for number, address in enumerate(addresses, start=1)
        ]
        try:
            for node in cluster.nodes:
                node.start()
        except NodeFailed:
            cluster.stop()
            if attempt == _ATTEMPTS:
                raise
        else:
            return cluster
    raise AssertionError("unreachable: the last attempt returns or raises")


@dataclass(frozen=True)
class ServerShape:
    """What a run of the tests stands on; `environment` is what Coterie's settings read."""

    environment: dict[str, str]
    database: postgres.Database
    cluster: ClickHouseCluster | None
    _end: contextlib.ExitStack

    def stop(self) -> None:
        self._end.close()


def start() -> ServerShape:
    """Start whatever is not given by COTERIE_TEST_DATABASE_URL and COTERIE_TEST_CLICKHOUSE_URL.

    A ClickHouse that is given is used as it is: COTERIE_TEST_CLICKHOUSE_CLUSTER names its cluster. Its databases are
    written to, so give one that holds nothing else. Raises NoPostgres or NodeFailed; nothing is left running then.
    """
    with contextlib.ExitStack() as end:
        server_url, private = postgres.server()
        if private is not None:
            end.callback(private.stop)
        database = postgres.Database(server_url)
        end.callback(database.drop)
        cluster = None
        clickhouse_url = os.environ.get("COTERIE_TEST_CLICKHOUSE_URL", "").strip()
        cluster_name = os.environ.get("COTERIE_TEST_CLICKHOUSE_CLUSTER", "").strip()
        if not clickhouse_url:
            cluster = start_cluster()
            end.callback(cluster.stop)
            clickhouse_url, cluster_name = cluster.urls, CLUSTER
        environment = {
            "COTERIE_DATABASE_URL": database.url,
            "COTERIE_CLICKHOUSE_URL": clickhouse_url,
            "COTERIE_CLICKHOUSE_CLUSTER": cluster_name,
        }
        return ServerShape(environment, database, cluster, end.pop_all())
