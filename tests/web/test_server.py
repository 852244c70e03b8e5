"""The program as it is started: uvicorn with the embedded stores, on a port of this machine."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.support.ports import free_port

# Seconds for an answer.
PATIENCE = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a running server and the file its errors go to."""
    folder = tmp_path_factory.mktemp("server")
    settings = {"DJANGO_SETTINGS_MODULE": "coterie.settings", "COTERIE_DATA": str(folder / "data")}
    keep = {name: value for name, value in os.environ.items() if not name.startswith("COTERIE_")}
    environment = keep | settings | {"PYTHONWARNINGS": "always"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True)
    log = folder / "log"
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "coterie.asgi:application", "--port", str(port), "--no-access-log"]
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stderr=output) as process:
        try:
            yield _wait(f"http://127.0.0.1:{port}", process, log), log
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx2.get(f"{address}/healthz", timeout=5)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError(f"the server did not start: {log.read_text()}")


def test_it_works(server: tuple[str, Path]) -> None:
    address, log = server
    for path, status in (
        ("/healthz", 200),
        ("/", 200),
        ("/static/coterie/plain.css", 200),
        ("/static/ninja/swagger-ui.css", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/session", 401),
        ("/metrics", 200),
    ):
        answer = httpx2.get(address + path, timeout=PATIENCE)
        assert answer.status_code == status, path
        assert answer.headers["content-security-policy"]
    assert "Warning" not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_many_at_once(server: tuple[str, Path]) -> None:
    address, log = server

    def fail_to_log_in(number: int) -> int:
        with httpx2.Client(base_url=address, timeout=PATIENCE) as client:
            client.get("/accounts/login/")
            headers = {"X-CSRFToken": client.cookies["coterie_csrf"]}
            body = {"email": f"nobody{number}@example.org", "password": "wrong"}
            return client.post("/_allauth/browser/v1/auth/login", json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(fail_to_log_in, range(16)))
    # allauth counts under a lock and refuses whoever has waited a second for it, as some do on a slow machine.
    assert answers[400] + answers[429] == 16
    assert answers[400]
    assert "Traceback" not in log.read_text()


def test_a_large_body_is_refused(server: tuple[str, Path]) -> None:
    address, _ = server
    answer = httpx2.post(f"{address}/api/v1/workspaces", content=b"x" * (17 * 1024 * 1024), timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
