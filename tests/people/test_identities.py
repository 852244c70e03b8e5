"""Identities in their kept form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.people import identities
from coterie.people.identities import Unusable, normalise


def test_it_works() -> None:
    assert normalise("email", " Ann@Example.COM ") == "ann@example.com"


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("user_id", " u1 ", "u1"),
        ("user_id", "U1", "U1"),
        ("anonymous_id", "e\u0301", "\u00e9"),
        ("email", "ANN@BÜCHER.de", "ann@bücher.de"),
        ("phone", "0151 1234 5678", "+4915112345678"),
        ("phone", "+1 (212) 555-0100", "+12125550100"),
        ("whatsapp", "4915112345678", "+4915112345678"),
        ("sms", "+49 151 12345678", "+4915112345678"),
        ("voice", "client:alice", "client:alice"),
        ("telegram", "123456789", "123456789"),
        ("user_id", "x" * 512, "x" * 512),
    ],
)
def test_kept_form(kind: str, raw: str, kept: str) -> None:
    assert normalise(kind, raw, "DE") == kept


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("user_id", "", "empty"),
        ("user_id", " \t ", "empty"),
        ("user_id", "x" * 513, "513 characters"),
        ("user_id", "a\0b", "control character"),
        ("anonymous_id", "\ud800", "control character"),
        ("email", "ann", "not an email"),
        ("email", "@example.com", "not an email"),
        ("email", "ann@", "not an email"),
        ("email", "ann b@example.com", "not an email"),
        ("phone", "hello", "not a phone number"),
        ("phone", "+49", "not a phone number"),
        ("fax", "1", "not a kind of identity"),
        # 256 of them are 512 characters in lower case and two more for the domain.
        ("email", "İ" * 256 + "@x", "514 characters"),
    ],
)
def test_unusable(kind: str, raw: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        normalise(kind, raw, "DE")


def test_a_phone_number_needs_a_country() -> None:
    with pytest.raises(Unusable):
        normalise("phone", "0151 12345678", None)


@given(kind=st.sampled_from(sorted(identities.KINDS)), raw=st.text(max_size=600))
def test_the_kept_form_is_kept(kind: str, raw: str) -> None:
    try:
        kept = normalise(kind, raw, "DE")
    except Unusable:
        return
    assert normalise(kind, kept, "DE") == kept
    assert 1 <= len(kept) <= identities.LONGEST
    kept.encode()
