"""The outgoing client connects to what was checked, and to nothing that an answer or the environment names."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coterie.kit import egress
from coterie.kit.addresses import AddressRefused, allowed
from coterie.kit.egress import Unreachable

HERE = ipaddress.ip_address("127.0.0.1")
NAME = "storage.test"


class Site:
    """A server on this machine: what it was asked, by path and Host, and which name a TLS client asked for."""

    def __init__(self, answer: Callable[[Any], None]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.names: list[str | None] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["Host"]))
                self.close_connection = True
                answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> Site:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def says(text: bytes, status: int = 200, **headers: str) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    return answer


@pytest.fixture
def allow(settings: Any) -> Callable[[str], None]:
    def put(entry: str) -> None:
        settings.COTERIE_EGRESS_ALLOW = allowed([entry])

    return put


def to_here(_host: str, _port: int) -> list[Any]:
    return [HERE]


def test_it_works(allow: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """An allowed host is asked under its name; nothing of the environment changes where the request goes."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Site(says(b"hello", Seen="yes")) as site:
        allow(f"{NAME}:{site.port}")
        answer = egress.send("GET", f"http://{NAME}:{site.port}/a?b=c", lookup=to_here)
    assert (answer.status, answer.body, answer.headers["seen"]) == (200, b"hello", "yes")
    assert site.asked == [("/a?b=c", f"{NAME}:{site.port}")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST."])
def test_this_machine_is_refused_unless_it_is_allowed(allow: Callable[[str], None], host: str) -> None:
    with Site(says(b"secret")) as site:
        with pytest.raises(AddressRefused):
            egress.send("GET", f"http://{host}:{site.port}/")
        # Refused because of where it leads, too, and not for its port alone.
        with pytest.raises(AddressRefused, match="inside a network"):
            egress.send("GET", f"https://{host}:8443/", lookup=to_here)
        assert site.asked == []
        allow(f"127.0.0.1:{site.port}")
        assert egress.send("GET", f"http://127.0.0.1:{site.port}/").body == b"secret"


def test_a_name_that_changes_its_address_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public when it is asked first, this machine from then on: the connection goes to the one that was checked."""
    answers = iter([[ipaddress.ip_address("93.184.215.14"), ipaddress.ip_address("8.8.8.8")], [HERE], [HERE]])
    connected: list[Any] = []

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        egress.send("GET", "https://rebind.example/", lookup=lambda _host, _port: next(answers))
    assert connected == [("93.184.215.14", 443), ("8.8.8.8", 443)]
    assert next(answers) == [HERE]
    with pytest.raises(AddressRefused):
        egress.send("GET", "https://rebind.example/", lookup=lambda _host, _port: next(answers))
    # One address inside among public ones is one too many.
    mixed = [ipaddress.ip_address("8.8.8.8"), HERE]
    with pytest.raises(AddressRefused):
        egress.send("GET", "https://rebind.example/", lookup=lambda _host, _port: mixed)
    assert len(connected) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(allow: Callable[[str], None], status: int) -> None:
    with Site(says(b"", status, Location="http://127.0.0.1:1/latest/meta-data")) as site:
        allow(f"127.0.0.1:{site.port}")
        answer = egress.send("GET", f"http://127.0.0.1:{site.port}/")
    assert (answer.status, len(site.asked)) == (status, 1)


def test_an_answer_without_end_is_cut(allow: Callable[[str], None]) -> None:
    with Site(says(b"x" * 200_000)) as site:
        allow(f"127.0.0.1:{site.port}")
        with pytest.raises(Unreachable, match="more than 65,536 bytes"):
            egress.send("GET", f"http://127.0.0.1:{site.port}/")


def test_what_is_packed_stays_packed(allow: Callable[[str], None]) -> None:
    with Site(says(b"not really gzip", **{"Content-Encoding": "gzip"})) as site:
        allow(f"127.0.0.1:{site.port}")
        assert egress.send("GET", f"http://127.0.0.1:{site.port}/").body == b"not really gzip"


def test_an_answer_that_comes_byte_by_byte_is_given_up(allow: Callable[[str], None]) -> None:
    ended = threading.Event()

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not ended.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    with Site(drip) as site:
        allow(f"127.0.0.1:{site.port}")
        with pytest.raises(Unreachable):
            egress.send("GET", f"http://127.0.0.1:{site.port}/", seconds=0.4)
        ended.set()


def test_a_server_that_hangs_up_may_answer_later(allow: Callable[[str], None]) -> None:
    with Site(lambda handler: handler.connection.close()) as site:
        allow(f"127.0.0.1:{site.port}")
        with pytest.raises(Unreachable):
            egress.send("GET", f"http://127.0.0.1:{site.port}/")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for the name alone, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_the_certificate_is_that_of_the_name(
    allow: Callable[[str], None], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to an address; SNI, Host and the check of the certificate are the name's."""
    with Site(says(b"hello")) as site:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: site.names.append(name)
        site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
        allow(f"127.0.0.0/8:{site.port}")
        with pytest.raises(Unreachable, match="certificate"):
            egress.send("GET", f"https://{NAME}:{site.port}/", lookup=to_here)
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(egress, "_trusted", lambda: trusting)
        assert egress.send("GET", f"https://{NAME}:{site.port}/", lookup=to_here).body == b"hello"
        assert (site.names[-1], site.asked) == (NAME, [("/", f"{NAME}:{site.port}")])
        with pytest.raises(Unreachable, match="certificate"):
            egress.send("GET", f"https://other.test:{site.port}/", lookup=to_here)
