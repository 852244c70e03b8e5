"""A storage that speaks the protocol of S3 on this machine: it verifies every signature, by itself, and can fail.

It shares no code with the product: the signature is computed here from what arrived.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

KEY_ID, SECRET = "AKIATESTTESTTESTTEST", "secret/with+signs and=more".replace(" ", "-")
REGION, BUCKET = "eu-test-1", "exports"
Fault = Callable[["Storage", "Handler"], bool]
"""Called before a request is worked on; True when it has answered, or hung up, itself."""


@dataclass
class Storage:
    """What the storage holds, and what it was asked: `calls` has (method, key, query)."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, tuple[str, str, dict[int, bytes]]] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    secret: str = SECRET

    def parts(self) -> list[str]:
        """The numbers of the parts that were sent, in their order."""
        return [query["partNumber"] for _, _, query in self.calls if "partNumber" in query]


def status(code: int, word: str) -> Fault:
    """A fault that answers with an error once."""

    def fail(storage: Storage, handler: Handler) -> bool:
        handler.error(code, word)
        return True

    return fail


def hang_up(storage: Storage, handler: Handler) -> bool:
    """A fault that ends the connection in the middle."""
    handler.connection.close()
    return True


def on_part(number: int, fault: Fault) -> Fault:
    """A fault that waits for a part."""

    def maybe(storage: Storage, handler: Handler) -> bool:
        if handler.query.get("partNumber") != str(number):
            storage.faults.append(maybe)
            return False
        return fault(storage, handler)

    return maybe


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Any

    def _any(self) -> None:
        storage: Storage = self.server.storage
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.close_connection = True
        if storage.faults and storage.faults.pop(0)(storage, self):
            return None
        problem = self._problem(parts.path, parts.query, storage.secret)
        if problem:
            storage.refused.append(problem)
            return self.error(403, "SignatureDoesNotMatch")
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            return self.error(404, "NoSuchBucket")
        storage.calls.append((self.command, key, self.query))
        getattr(self, f"_{self.command.lower()}")(storage, key)
        return None

    def do_PUT(self) -> None:
        self._any()

    def do_POST(self) -> None:
        self._any()

    def do_HEAD(self) -> None:
        self._any()

    def do_DELETE(self) -> None:
        self._any()

    def _problem(self, path: str, query: str, secret: str) -> str:
        """What is wrong with the signature; empty when it is right."""
        proof = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
            r"SignedHeaders=([^,]+), Signature=(\w+)",
            self.headers.get("Authorization", ""),
        )
        if not proof:
            return "no signature"
        key_id, day, region, names, given = proof.groups()
        digest = hashlib.sha256(self.body).hexdigest()
        if (key_id, region) != (KEY_ID, REGION) or self.headers["x-amz-content-sha256"] != digest:
            return "another key, region or body"
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names.split(";")):
            return "headers that have to be signed are not"
        lines = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        pairs = "&".join(sorted(pair if "=" in pair else f"{pair}=" for pair in query.split("&") if pair))
        asked = f"{self.command}\n{path}\n{pairs}\n{lines}\n{names}\n{digest}"
        scope = f"{day}/{region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = ("AWS4" + secret).encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return "" if hmac.digest(key, text.encode(), "sha256").hex() == given else "another signature"

    def _put(self, storage: Storage, key: str) -> None:
        if "uploadId" in self.query:
            upload = storage.uploads.get(self.query["uploadId"])
            if upload is None:
                return self.error(404, "NoSuchUpload")
            upload[2][int(self.query["partNumber"])] = self.body
        else:
            storage.objects[key] = self.body
            storage.digests[key] = self.headers.get("x-amz-meta-sha256", "")
        return self.answer(200, headers={"ETag": f'"{hashlib.md5(self.body).hexdigest()}"'})  # noqa: S324  # as S3 does

    def _post(self, storage: Storage, key: str) -> None:
        if "uploads" in self.query:
            name = f"upload-{len(storage.uploads) + 1}"
            storage.uploads[name] = (key, self.headers.get("x-amz-meta-sha256", ""), {})
            return self.answer(200, f"<R><Bucket>{BUCKET}</Bucket><UploadId>{name}</UploadId></R>")
        upload = storage.uploads.pop(self.query["uploadId"], None)
        if upload is None:
            return self.error(404, "NoSuchUpload")
        listed = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>&quot;(\w+)&quot;</ETag>", self.body.decode())
        there = [(str(number), hashlib.md5(body).hexdigest()) for number, body in sorted(upload[2].items())]  # noqa: S324
        if listed != there:
            return self.error(400, "InvalidPart")
        storage.objects[key] = b"".join(body for _, body in sorted(upload[2].items()))
        storage.digests[key] = upload[1]
        return self.answer(200, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")

    def _head(self, storage: Storage, key: str) -> None:
        if key not in storage.objects:
            return self.answer(404)
        return self.answer(200, headers={"x-amz-meta-sha256": storage.digests[key]})

    def _delete(self, storage: Storage, key: str) -> None:
        storage.objects.pop(key, None)
        self.answer(204)

    def error(self, code: int, word: str) -> None:
        """Refuse as S3 does."""
        self.answer(code, f"<Error><Code>{word}</Code><Message>It is &lt;{word}&gt;.</Message></Error>")

    def answer(self, code: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        """Answer with a body of XML."""
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    storage: Storage


@contextmanager
def storage_on_this_machine() -> Iterator[Storage]:
    """A running storage with one bucket."""
    server = _Server(("127.0.0.1", 0), Handler)
    server.storage = Storage(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
