"""Objects in storage that speaks the protocol of Amazon S3: put, put in parts, look at, remove.

Requests are signed as AWS describes (Signature Version 4) and go out through kit/egress.py. Addresses are of the path
style, `https://endpoint/bucket/key`, which every such storage takes. Why not a library: docs/adr/0013.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

from coterie.kit import clock, egress
from coterie.kit.egress import Answer, Lookup, Unreachable
from coterie.kit.errors import Conflict
from coterie.kit.reasons import Reason

PART: Final = 8 * 1024 * 1024
"""Bytes of one part. A storage takes parts of 5 MB and more, but for the last."""
MOST_PARTS: Final = 10_000
EMPTY: Final = hashlib.sha256(b"").hexdigest()
# A part on a slow line; shorter than the lease of a job allows for, since one is sent between two heartbeats.
UPLOAD_SECONDS: Final = 50.0
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_PASSING_CODES: Final = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling"})
_DIGEST: Final = "x-amz-meta-sha256"


class Refusal(Conflict):
    """The storage refuses: its own code and sentence are told. Trying again gives the same."""

    default_code = "storage_refused"

    def __init__(self, answer: Answer, *, host: str) -> None:
        self.word = _element(answer.body, "Code") or f"HTTP {answer.status}"
        said = _element(answer.body, "Message") or Reason("no_reason_given", "no reason was given")
        super().__init__(
            Reason("storage_says_no", "{host} refuses: {said} ({word})", host=host, said=said, word=self.word),
            details={"status": answer.status, "said": self.word},
        )


@dataclass(frozen=True)
class Credentials:
    """The key of an account; the secret is not shown where this is printed."""

    key_id: str
    secret: str = field(repr=False)


def signed(
    method: str,
    *,
    host: str,
    path: str,
    query: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str],
    payload: str,
    credentials: Credentials,
    region: str,
    at: datetime,
    service: str = "s3",
) -> dict[str, str]:
    """All headers of a request, with its signature; `path` is quoted, `payload` is the SHA-256 of the body in hex."""
    moment = f"{at:%Y%m%dT%H%M%SZ}"
    given = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    given |= {"host": host, "x-amz-date": moment}
    names = ";".join(sorted(given))
    lines = "".join(f"{name}:{given[name]}\n" for name in sorted(given))
    request = "\n".join((method, path, _query(query), lines, names, payload))
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{credentials.secret}".encode()
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    proof = f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return given | {"authorization": proof}


@dataclass(frozen=True)
class Bucket:
    """One bucket at an endpoint such as `https://s3.eu-central-1.amazonaws.com`.

    Every call raises Unreachable where trying again may help, and Refusal where it does not.
    """

    endpoint: str
    region: str
    name: str
    credentials: Credentials
    lookup: Lookup | None = None

    def put(self, key: str, body: bytes, *, digest: str) -> None:
        """Write an object in one go, over one of the same name; `digest` is kept with it."""
        self._call("PUT", key, body=body, headers={_DIGEST: digest})

    def begin(self, key: str, *, digest: str) -> str:
        """Begin an object of several parts; the id of the upload."""
        answer = self._call("POST", key, query=[("uploads", "")], headers={_DIGEST: digest})
        found = _element(answer.body, "UploadId")
        if not found:
            raise Unreachable(Reason("no_upload", "The storage did not say which upload it has begun."))
        return found

    def put_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        """Send a part, numbered from 1, over one of the same number; its tag, which `finish` needs."""
        answer = self._call("PUT", key, query=[("partNumber", str(number)), ("uploadId", upload)], body=body)
        return answer.headers.get("etag", "")

    def finish(self, key: str, upload: str, tags: Iterable[str]) -> None:
        """Put the parts together: from now on the object is there. A second time is a Refusal, NoSuchUpload."""
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{html.escape(tag)}</ETag></Part>"
            for number, tag in enumerate(tags, start=1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = self._call("POST", key, query=[("uploadId", upload)], body=body)
        # The status is sent before the storage has begun to put parts together: the body has the outcome.
        if _element(answer.body, "Code"):
            if _element(answer.body, "Code") in _PASSING_CODES:
                raise Unreachable(Reason("parts_not_joined", "The storage could not put the parts together now."))
            raise Refusal(answer, host=self._host)

    def digest_of(self, key: str) -> str | None:
        """The digest that was kept with an object; None when there is no such object."""
        try:
            answer = self._call("HEAD", key)
        except Refusal as refusal:
            if refusal.details["status"] == 404:
                return None
            raise
        return answer.headers.get(_DIGEST, "")

    def remove(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        self._call("DELETE", key)

    @property
    def _host(self) -> str:
        return egress.examine(self.endpoint).host

    def _call(
        self,
        method: str,
        key: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        origin = egress.examine(self.endpoint).origin
        path = f"/{quote(self.name, safe='')}/{quote(key, safe='/~')}"
        payload = hashlib.sha256(body).hexdigest() if body else EMPTY
        made = signed(
            method,
            host=origin.partition("://")[2],
            path=path,
            query=query,
            headers=dict(headers or {}) | {"x-amz-content-sha256": payload},
            payload=payload,
            credentials=self.credentials,
            region=self.region,
            at=clock.now(),
        )
        url = origin + path + (f"?{_query(query)}" if query else "")
        answer = egress.send(method, url, headers=made, body=body, seconds=UPLOAD_SECONDS, lookup=self.lookup)
        if 200 <= answer.status < 300:
            return answer
        if answer.status in _PASSING or _element(answer.body, "Code") in _PASSING_CODES:
            raise Unreachable(
                Reason(
                    "passing_answer",
                    "{host} answers {status} and may do so no longer in a while.",
                    host=self._host,
                    status=answer.status,
                )
            )
        raise Refusal(answer, host=self._host)


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    quoted = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in quoted)


def _element(body: bytes, name: str) -> str:
    """The text of the first element of a name. Answers are small and flat: no parser of XML has to be trusted."""
    found = re.search(rf"<{name}>([^<]*)</{name}>".encode(), body)
    return html.unescape(found[1].decode("utf-8", "replace"))[:500].strip() if found else ""
