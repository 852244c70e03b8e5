"""Requests to storage: signatures as AWS has published them, and a storage that verifies each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from coterie.kit.addresses import AddressRefused, allowed
from coterie.kit.egress import Unreachable
from coterie.kit.s3 import EMPTY, Bucket, Credentials, Refusal, signed
from tests.support.s3_server import BUCKET, KEY_ID, REGION, SECRET, Storage, hang_up, status, storage_on_this_machine

# "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" of the S3 API reference.
PUBLISHED = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
VECTORS: list[tuple[str, str, list[tuple[str, str]], dict[str, str], bytes, str]] = [
    (
        "GET",
        "/test.txt",
        [],
        {"Range": "bytes=0-9"},
        b"",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    (
        "PUT",
        "/test%24file.text",
        [],
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        b"Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    ("GET", "/", [("lifecycle", "")], {}, b"", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    (
        "GET",
        "/",
        [("prefix", "J"), ("max-keys", "2")],
        {},
        b"",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
]


@pytest.fixture
def storage(settings: Any) -> Iterator[Storage]:
    with storage_on_this_machine() as running:
        settings.COTERIE_EGRESS_ALLOW = allowed([running.url.removeprefix("http://")])
        yield running


def bucket(storage: Storage, **other: Any) -> Bucket:
    return Bucket(
        **(
            {"endpoint": storage.url, "region": REGION, "name": BUCKET, "credentials": Credentials(KEY_ID, SECRET)}
            | other
        )
    )


def test_it_works(storage: Storage) -> None:
    one = bucket(storage)
    for key in ("plain.csv", "a b/ü+&=~.csv", "it's (1)!*$,;:@.csv"):
        one.put(key, b"content", digest="d1")
        assert (storage.objects[key], one.digest_of(key)) == (b"content", "d1")
        one.remove(key)
        assert (key in storage.objects, one.digest_of(key)) == (False, None)
    upload = one.begin("big", digest="d2")
    tags = [one.put_part("big", upload, number, body) for number, body in enumerate((b"one", b"two"), start=1)]
    one.finish("big", upload, tags)
    assert (storage.objects["big"], one.digest_of("big"), storage.refused) == (b"onetwo", "d2", [])
    with pytest.raises(Refusal) as caught:
        one.finish("big", upload, tags)
    assert caught.value.word == "NoSuchUpload"


@pytest.mark.parametrize(("method", "path", "query", "headers", "body", "signature"), VECTORS)
def test_signatures_are_those_that_are_published(
    method: str, path: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes, signature: str
) -> None:
    payload = hashlib.sha256(body).hexdigest() if body else EMPTY
    made = signed(
        method,
        host="examplebucket.s3.amazonaws.com",
        path=path,
        query=query,
        headers=headers | {"x-amz-content-sha256": payload},
        payload=payload,
        credentials=PUBLISHED,
        region="us-east-1",
        at=datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert made["authorization"].endswith(f"Signature={signature}")


def test_the_general_suite_of_aws() -> None:
    """`get-vanilla` and `get-vanilla-query-order-key-case` of the published suite: another service, few headers."""
    given: dict[str, Any] = {
        "host": "example.amazonaws.com",
        "path": "/",
        "headers": {},
        "payload": EMPTY,
        "credentials": Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        "region": "us-east-1",
        "service": "service",
        "at": datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    }
    vanilla = signed("GET", **given)["authorization"]
    assert vanilla.endswith("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
    ordered = signed("GET", query=[("Param2", "value2"), ("Param1", "value1")], **given)["authorization"]
    assert ordered.endswith("Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")


@pytest.mark.parametrize(
    "other",
    [
        {"credentials": Credentials(KEY_ID, "wrong")},
        {"credentials": Credentials("AKIANOBODY", SECRET)},
        {"region": "us-east-1"},
        {"name": "another"},
    ],
)
def test_what_does_not_pass_says_what_the_storage_said(storage: Storage, other: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=r"127\.0\.0\.1 refuses: It is <(SignatureDoesNotMatch|NoSuchBucket)>"):
        bucket(storage, **other).put("a", b"b", digest="")
    assert SECRET not in repr(bucket(storage))


@pytest.mark.parametrize(
    "fault",
    [hang_up, status(500, "InternalError"), status(503, "SlowDown"), status(429, ""), status(400, "RequestTimeout")],
)
def test_what_may_pass(storage: Storage, fault: Any) -> None:
    storage.faults.append(fault)
    one = bucket(storage)
    with pytest.raises(Unreachable):
        one.put("a", b"b", digest="")
    one.put("a", b"b", digest="")
    assert storage.objects == {"a": b"b"}


def test_an_error_behind_a_good_status(storage: Storage) -> None:
    """Putting parts together is answered 200 before it is done; the body has the outcome."""
    one = bucket(storage)
    upload = one.begin("a", digest="")
    tag = one.put_part("a", upload, 1, b"b")
    storage.faults.append(status(200, "InternalError"))
    with pytest.raises(Unreachable):
        one.finish("a", upload, [tag])
    storage.faults.append(status(200, "AccessDenied"))
    with pytest.raises(Refusal):
        one.finish("a", upload, [tag])


def test_this_machine_is_refused_unless_it_is_allowed(storage: Storage, settings: Any) -> None:
    settings.COTERIE_EGRESS_ALLOW = ()
    with pytest.raises(AddressRefused):
        bucket(storage).put("a", b"b", digest="")
    assert (storage.calls, storage.refused) == ([], [])
