"""What addresses, numbers and codes tell."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.people import lookups


def test_it_works() -> None:
    assert lookups.country_name("de") == "Germany"


@pytest.mark.parametrize(
    ("lookup", "given_text", "found"),
    [
        (lookups.country_name, "US", "United States"),
        (lookups.country_name, "USA", "United States"),
        (lookups.country_name, "deu", "Germany"),
        (lookups.country_name, "UK", "United Kingdom"),
        (lookups.country_name, "united states", "United States"),
        (lookups.country_name, "Turkey", "Türkiye"),
        (lookups.country_name, "HK", "Hong Kong"),
        (lookups.country_name, "Atlantis", "Atlantis"),
        (lookups.country_name, "ZZ", "ZZ"),
        (lookups.country_code, "Germany", "DE"),
        (lookups.country_code, "Atlantis", None),
        (lookups.country_of_ip, "8.8.8.8", "United States"),
        (lookups.country_of_ip, "::ffff:8.8.8.8", "United States"),
        (lookups.country_of_ip, "2a00:1450:4001::1", "Ireland"),
        (lookups.country_of_ip, "10.0.0.1", None),
        (lookups.country_of_ip, "nowhere", None),
        (lookups.ip_address, "1.2.3.4", "1.2.3.4"),
        (lookups.ip_address, "::FFFF:1.2.3.4", "1.2.3.4"),
        (lookups.ip_address, "2A00::0001", "2a00::1"),
        (lookups.ip_address, "01.2.3.4", None),
        (lookups.ip_address, "256.1.1.1", None),
        (lookups.language_name, "en-US", "English"),
        (lookups.language_name, "pt_BR", "Portuguese"),
        (lookups.language_name, "DE", "German"),
        (lookups.language_name, "deu", "German"),
        (lookups.language_name, "zh-Hant-TW", "Chinese"),
        (lookups.language_name, "english", "English"),
        (lookups.language_name, "Klingonese", "Klingonese"),
        (lookups.time_zone, "europe/berlin", "Europe/Berlin"),
        (lookups.time_zone, "America/New York", "America/New_York"),
        (lookups.time_zone, "Mars/Base", None),
        (lookups.country_of_zone, "Europe/Berlin", "DE"),
        (lookups.country_of_zone, "UTC", None),
        (lookups.place_of_phone, "+4915112345678", ("Germany", "Europe/Berlin")),
        (lookups.place_of_phone, "+12125550100", ("United States", "America/New_York")),
        (lookups.place_of_phone, "+79161234567", ("Russia", None)),
        (lookups.place_of_phone, "nothing", (None, None)),
    ],
)
def test_lookup(lookup: Callable[[str], object], given_text: str, found: object) -> None:
    assert lookup(given_text) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("0151 12345678", "DE", "+4915112345678"),
        ("0151 12345678", None, None),
        ("+44 20 7946 0958", "DE", "+442079460958"),
        ("12", "DE", None),
        ("call me", "DE", None),
        ("+4" * 40, "DE", None),
    ],
)
def test_phone_number(text: str, region: str | None, found: str | None) -> None:
    assert lookups.phone_number(text, region) == found


@given(st.ip_addresses())
def test_addresses_read_as_the_standard_library_reads_them(address: ipaddress.IPv4Address) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    assert lookups.ip_address(str(address)) == str(plain)
