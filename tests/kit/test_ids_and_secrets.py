"""Ids sort by time; tokens are long, kept as a hash, and sealed texts open only with their key."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from coterie.kit import clock, sealing, secrets
from coterie.kit.ids import new_id


def test_it_works() -> None:
    made = new_id("seg")
    assert re.fullmatch("seg_[0-7][0-9a-hjkmnp-tv-z]{25}", made)


def test_ids_sort_by_time() -> None:
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)) as stopped:
        made = []
        for _ in range(50):
            made.append(new_id("seg"))
            stopped.move(timedelta(milliseconds=1))
    assert made == sorted(made)


def test_ids_differ() -> None:
    assert len({new_id("a") for _ in range(5000)}) == 5000


def test_a_token_is_long_and_only_its_hash_is_kept() -> None:
    made = secrets.new_token("sk")
    assert made.token.startswith("sk_")
    assert len(made.token) == 3 + 43
    assert made.hashed == hashlib.sha256(made.token.encode()).hexdigest() == secrets.hash_token(made.token)
    assert made.token.startswith(made.shown)
    assert len(made.shown) == 9


def test_same_compares_any_text() -> None:
    assert secrets.same("ü", "ü")
    assert not secrets.same("a", "b")
    assert not secrets.same("a", "\ud800")


def test_sealed_text_opens_with_its_key_and_purpose_alone() -> None:
    sealed = sealing.seal("JBSWY3DP", key="k1", purpose="second factor")
    assert "JBSWY3DP" not in sealed
    assert sealing.unseal(sealed, key="k1", purpose="second factor") == "JBSWY3DP"
    for key, purpose in (("k2", "second factor"), ("k1", "other")):
        with pytest.raises(sealing.Unreadable, match=purpose):
            sealing.unseal(sealed, key=key, purpose=purpose)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed[:-4], key="k1", purpose="second factor")
