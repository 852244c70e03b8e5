"""What an address, a number or a code tells: countries, languages, time zones and phone numbers, all offline.

Sources: CLDR through babel (names of countries and languages), libphonenumber's tables through phonenumbers, the
registries' delegation files through iptocc. Everything is cached: the same few values come millions of times.
"""

import ipaddress
import re
import zoneinfo
from functools import lru_cache
from typing import Final

import iptocc
import phonenumbers
import phonenumbers.timezone
from babel import Locale
from babel.core import get_global

_ENGLISH: Final = Locale("en")
_LONGEST_PHONE: Final = 64
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# Most addresses are these, and reading one with ipaddress takes 15 times as long.
_IPV4: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")

# Where CLDR's English name is not the short name that people type.
_SHORTER: Final = {
    "HK": "Hong Kong",
    "MO": "Macao",
    "MM": "Myanmar",
    "PS": "Palestine",
    "CD": "DR Congo",
    "CG": "Congo",
}
_ALSO_CALLED: Final = {
    "america": "US",
    "czech republic": "CZ",
    "england": "GB",
    "great britain": "GB",
    "holland": "NL",
    "hong kong sar china": "HK",
    "ivory coast": "CI",
    "macao sar china": "MO",
    "myanmar (burma)": "MM",
    "palestinian territories": "PS",
    "russian federation": "RU",
    "the netherlands": "NL",
    "turkey": "TR",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "viet nam": "VN",
}
# ZZ, EU and the like are codes for no single country.
_NO_COUNTRY: Final = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Country names by ISO 3166 two-letter code."""
    names = {
        code: str(name)
        for code, name in _ENGLISH.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }
    return names | _SHORTER


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    """Two-letter codes by everything a country is called: names, two- and three-letter codes, folded."""
    countries = _countries()
    codes = {
        alias.casefold(): targets[0]
        for alias, targets in get_global("territory_aliases").items()
        if alias.isalpha() and len(targets) == 1 and targets[0] in countries
    }
    codes.update((name.casefold(), code) for code, name in countries.items())
    codes.update((code.casefold(), code) for code in countries)
    return codes | _ALSO_CALLED


@lru_cache(maxsize=16_384)
def country_name(text: str) -> str:
    """The English short name of a country given by name or ISO code; text that names none comes back as it is."""
    code = country_code(text)
    return _countries()[code] if code else text


@lru_cache(maxsize=16_384)
def country_code(text: str) -> str | None:
    """The ISO 3166 two-letter code of a country given by name or code, None when it is not known."""
    return _country_codes().get(text.strip().casefold())


@lru_cache(maxsize=65_536)
def country_of_ip(text: str) -> str | None:
    """The country whose registry gave out an IP address; None for private, unknown and malformed ones."""
    address = ip_address(text)
    code = iptocc.country_code(address) if address else None
    return _countries().get(code) if code else None


@lru_cache(maxsize=65_536)
def ip_address(text: str) -> str | None:
    """The canonical form of an IP address, an IPv4 one where it is mapped into IPv6; None when it is none."""
    if _IPV4.fullmatch(text):
        return text
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """English names of languages by CLDR code and by folded name, without scripts and regions."""
    plain = {code: str(name) for code, name in _ENGLISH.languages.items() if "_" not in code}
    names = {name.casefold(): name for name in plain.values()}
    aliases = {
        alias.casefold(): plain[target]
        for alias, target in get_global("language_aliases").items()
        if alias.isalpha() and target in plain
    }
    return names | aliases | {code.casefold(): name for code, name in plain.items()}


@lru_cache(maxsize=16_384)
def language_name(text: str) -> str:
    """The English name of a language given by name or tag ("en-US" is "English"); other text comes back as it is."""
    known = _languages()
    whole = text.strip().casefold()
    if whole in known:
        return known[whole]
    tag = whole.replace("_", "-").split("-", 1)[0]
    # A tag's first part has two or three letters; anything longer is a word that merely holds a hyphen.
    return known.get(tag, text) if len(tag) in (2, 3) else text


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones() if not name.startswith(("posix", "right"))}


@lru_cache(maxsize=4_096)
def time_zone(text: str) -> str | None:
    """The IANA name of a time zone given in any case, None when there is no such zone."""
    return _zones().get(text.strip().casefold().replace(" ", "_"))


@lru_cache(maxsize=4_096)
def country_of_zone(zone: str) -> str | None:
    """The two-letter code of the country a time zone belongs to, None for UTC and the like."""
    code = get_global("zone_territories").get(zone)
    return code if code in _countries() else None


@lru_cache(maxsize=65_536)
def phone_number(text: str, region: str | None) -> str | None:
    """A phone number as E.164 (`+4915112345678`); `region` (ISO code) is assumed where no country code is given.

    None when it is no possible number, or has no country code and no region is known.
    """
    if len(text) > _LONGEST_PHONE:
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Numbers that can be dialled only inside one town are possible too, but name nobody.
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=65_536)
def place_of_phone(e164: str) -> tuple[str | None, str | None]:
    """The country's English name and the IANA time zone of an E.164 number, each None where it is not certain.

    A number whose country has several time zones has none of its own unless its area code decides.
    """
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None, None
    code = phonenumbers.region_code_for_number(parsed)
    zones = phonenumbers.timezone.time_zones_for_number(parsed)
    zone = time_zone(zones[0]) if len(zones) == 1 else None
    return _countries().get(code or ""), zone


def digits_at_home(number: str) -> str | None:
    """The digits of an E.164 number as dialled in its own country, without a zero in front; None for other text."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    return str(parsed.national_number)
