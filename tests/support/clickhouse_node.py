"""A real ClickHouse server node out of the `chdb-core` wheel, for tests of the server shape.

Why it works: the wheel carries the whole of ClickHouse. `import chdb` runs it as a library without listeners, but the
extension module's own function `_chdb.query` starts a `clickhouse-local`, and that one knows `SYSTEM START LISTEN`. So
a node is a process that opens the HTTP and the native port and then runs one query that never ends by itself: it counts
the lines of its standard input. Whoever holds the other end of that pipe holds the node: closing it ends the query and
the engine shuts down in order, and when the holder dies the kernel closes it, so no node outlives its tests.

`_chdb.query` is not a documented interface; it is used in tests only, with the version pinned in pyproject.toml.
Not in these nodes: `ON CLUSTER`, replication (no Keeper) and zip backups. Send DDL to each node.

Run as a program, this file is a node; imported, it offers `Node`, which starts and stops one.
"""

import glob
import importlib.util
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

START_SECONDS = 60.0
STOP_SECONDS = 30.0
HOST = "127.0.0.1"

CONFIG = """<clickhouse>
    <display_name>{name}</display_name>
    <listen_host>{host}</listen_host>
    <http_port>{http_port}</http_port>
    <tcp_port>{tcp_port}</tcp_port>
    <users_config>{folder}/etc/users.xml</users_config>
    <logger><level>information</level><log>{folder}/node.log</log><size>20M</size><count>1</count></logger>
    <max_server_memory_usage>4294967296</max_server_memory_usage>
    <mark_cache_size>268435456</mark_cache_size>
    {cluster}
</clickhouse>
"""
# The profile takes back what clickhouse-local sets otherwise than a server.
USERS = """<clickhouse>
    <profiles><default>
        <implicit_select>0</implicit_select>
        <allow_introspection_functions>0</allow_introspection_functions>
        <storage_file_read_method>pread</storage_file_read_method>
    </default></profiles>
    <users><default>
        <password></password>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile><quota>default</quota>
        <access_management>1</access_management>
    </default></users>
    <quotas><default></default></quotas>
</clickhouse>
"""
SERVE = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; "
    "SELECT count() FROM file('/dev/stdin', 'LineAsString', 'line String') FORMAT Null "
    "SETTINGS storage_file_read_method = 'pread', max_execution_time = 0, log_queries = 0"
)


class NodeFailed(Exception):
    """A node did not start or died; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Address:
    """The two loopback ports of a node."""

    http_port: int
    tcp_port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"


def free_addresses(count: int) -> list[Address]:
    """Addresses whose ports are this process's alone."""
    # Not above: a node runs this file as a program, which may not find the tests.
    from tests.support.ports import free_port

    ports = [free_port() for _ in range(2 * count)]
    return [Address(http_port=ports[2 * i], tcp_port=ports[2 * i + 1]) for i in range(count)]


def cluster_xml(name: str, shards: Sequence[Address]) -> str:
    """The `remote_servers` part of a configuration: a cluster with one replica in each shard."""
    rows = "".join(
        "<shard><internal_replication>true</internal_replication>"
        f"<replica><host>{HOST}</host><port>{shard.tcp_port}</port></replica></shard>"
        for shard in shards
    )
    # The secret lets a node run its part of a query as the user who asked, as a real cluster does.
    return f"<remote_servers><{name}><secret>loopback</secret>{rows}</{name}></remote_servers>"


class Node:
    """One node over one folder; data is kept between a stop and the next start."""

    def __init__(self, folder: Path, address: Address, *, cluster: str = "") -> None:
        self.folder = folder.absolute()
        self.address = address
        self._cluster = cluster
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until both ports answer; raises NodeFailed after START_SECONDS or when the process ends."""
        self._write_configuration()
        with (self.folder / "node.out").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C ends the tests, and they end the node in order
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if (status := self._process.poll()) is not None:
                self.kill()
                raise NodeFailed(f"ClickHouse node ended with {status}\n{self._last_lines()}")
            if time.monotonic() > deadline:
                self.kill()
                raise NodeFailed(f"ClickHouse node did not answer within {START_SECONDS:.0f} s\n{self._last_lines()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Shut down in order; kill after STOP_SECONDS. Does nothing when the node is down."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it as kill -9 does: nothing is flushed."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process = None

    def query(self, sql: str) -> str:
        """The TSV answer of this node to one statement; for set-up and checks in tests."""
        request = urllib.request.Request(self.address.url, data=sql.encode())  # noqa: S310 - http on loopback
        try:
            with _without_proxy().open(request, timeout=60) as answer:
                return str(answer.read().decode()).rstrip("\n")
        except urllib.error.HTTPError as error:
            with error:
                raise NodeFailed(error.read().decode()) from None

    def _write_configuration(self) -> None:
        etc = self.folder / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        config = CONFIG.format(
            name=escape(self.folder.as_posix()),
            host=HOST,
            http_port=self.address.http_port,
            tcp_port=self.address.tcp_port,
            folder=escape(str(self.folder)),
            cluster=self._cluster,
        )
        (etc / "config.xml").write_text(config)
        (etc / "users.xml").write_text(USERS)

    def _answers(self) -> bool:
        try:
            # By its name: another program may have taken the port since it was free.
            own = self.query("SELECT displayName()") == self.folder.as_posix()
            socket.create_connection((HOST, self.address.tcp_port), timeout=2).close()
        except (OSError, NodeFailed):
            return False
        return own

    def _last_lines(self) -> str:
        logs = [path for path in (self.folder / "node.log", self.folder / "node.out") if path.exists()]
        lines = [line for path in logs for line in path.read_text(errors="replace").splitlines()]
        # ClickHouse ends an error with its stack, numbered frame by frame.
        return "\n".join([line for line in lines if line and not re.match(r"\d+\. ", line)][-12:])


def _without_proxy() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _serve(folder: Path) -> int:
    """Be the node of a folder until standard input closes."""
    os.chdir(folder / "etc")  # clickhouse-local reads ./config.xml
    package = importlib.util.find_spec("chdb")  # finds without importing: the import would start the library's engine
    places = package.submodule_search_locations if package else None
    modules = [path for place in places or () for path in glob.glob(os.path.join(place, "_chdb*.so"))]
    spec = importlib.util.spec_from_file_location("_chdb", modules[0]) if modules else None
    if spec is None or spec.loader is None:
        sys.stderr.write("chdb-core is not installed: pip install 'coterie[embedded]'\n")
        return 2
    engine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(engine)
    engine.set_signal_handlers_enabled(False)
    result = engine.query(SERVE, "TSV", path=str(folder / "data"))
    if result.has_error():
        sys.stderr.write(f"{result.error_message()}\n")
        return 1
    return 0


if __name__ == "__main__":
    status = _serve(Path(sys.argv[1]))
    sys.stderr.flush()
    os._exit(status)  # the engine's own statics do not survive an interpreter that takes itself apart
