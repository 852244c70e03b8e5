"""The certificate of an erasure: what was removed and what is outstanding, signed so that it can be checked elsewhere.

The signature is Ed25519 (RFC 8032) over the certificate's canonical JSON: keys in order, no white space, UTF-8. Its
key is derived from the installation's secret key (HKDF, RFC 5869); the public part stands in the certificate and is
told by `coterie doctor`, so that whoever checks one can compare it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ALGORITHM: Final = "Ed25519"


def signed(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with its signature."""
    key = _key()
    return {
        "statement": dict(statement),
        "algorithm": ALGORITHM,
        "public_key": public_key(),
        "signature": base64.b64encode(key.sign(_canonical(statement))).decode("ascii"),
    }


def public_key() -> str:
    """The installation's public key as base64 of its 32 bytes."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return base64.b64encode(_key().public_key().public_bytes(*raw)).decode("ascii")


def is_genuine(certificate: Mapping[str, Any], *, key: str | None = None) -> bool:
    """Whether the signature is that of the statement, by the public key given or else the certificate's own.

    Needs nothing of the installation: neither its database nor its secret.
    """
    try:
        if certificate["algorithm"] != ALGORITHM or (key is not None and certificate["public_key"] != key):
            return False
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(certificate["public_key"], validate=True))
        signature = base64.b64decode(certificate["signature"], validate=True)
        public.verify(signature, _canonical(certificate["statement"]))
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _canonical(statement: Mapping[str, Any]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _key() -> Ed25519PrivateKey:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"coterie erasure certificate")
    return Ed25519PrivateKey.from_private_bytes(derive.derive(settings.SECRET_KEY.encode()))
