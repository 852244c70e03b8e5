"""Made-up traits for the demo's customers, the same for the same seed: the CDNOW file has numbers and no names."""

import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from coterie.cli.cdnow import CUSTOMERS

Traits = dict[str, Any]


class Place(NamedTuple):
    """Where a share of the customers lives; `locale` is Faker's, for names as they are written there."""

    weight: int
    country: str
    language: str
    locale: str
    cities: tuple[tuple[str, str], ...]


PLACES = (
    Place(
        40,
        "United States",
        "English",
        "en_US",
        (
            ("New York", "America/New_York"),
            ("Chicago", "America/Chicago"),
            ("Denver", "America/Denver"),
            ("Los Angeles", "America/Los_Angeles"),
        ),
    ),
    Place(3, "United States", "Spanish", "es_MX", (("Miami", "America/New_York"), ("El Paso", "America/Denver"))),
    Place(9, "United Kingdom", "English", "en_GB", (("London", "Europe/London"), ("Leeds", "Europe/London"))),
    Place(9, "Germany", "German", "de_DE", (("Berlin", "Europe/Berlin"), ("Köln", "Europe/Berlin"))),
    Place(7, "France", "French", "fr_FR", (("Paris", "Europe/Paris"), ("Lyon", "Europe/Paris"))),
    Place(6, "Brazil", "Portuguese", "pt_BR", (("São Paulo", "America/Sao_Paulo"), ("Manaus", "America/Manaus"))),
    Place(5, "Mexico", "Spanish", "es_MX", (("Guadalajara", "America/Mexico_City"), ("Tijuana", "America/Tijuana"))),
    Place(5, "Japan", "Japanese", "ja_JP", (("Tokyo", "Asia/Tokyo"), ("Osaka", "Asia/Tokyo"))),
    Place(4, "India", "English", "en_IN", (("Mumbai", "Asia/Kolkata"), ("Kochi", "Asia/Kolkata"))),
    Place(3, "Poland", "Polish", "pl_PL", (("Łódź", "Europe/Warsaw"), ("Gdańsk", "Europe/Warsaw"))),
    Place(3, "Sweden", "Swedish", "sv_SE", (("Malmö", "Europe/Stockholm"), ("Uppsala", "Europe/Stockholm"))),
    Place(2, "Greece", "Greek", "el_GR", (("Athens", "Europe/Athens"), ("Patras", "Europe/Athens"))),
    Place(2, "South Korea", "Korean", "ko_KR", (("Seoul", "Asia/Seoul"), ("Busan", "Asia/Seoul"))),
    Place(2, "Ukraine", "Ukrainian", "uk_UA", (("Kyiv", "Europe/Kyiv"), ("Odesa", "Europe/Kyiv"))),
)
PLANS = (("free", 60), ("plus", 20), ("pro", 8), (None, 12))
TAGS = (("newsletter", 0.35), ("vip", 0.06), ("beta", 0.1), ("wholesale", 0.02), ("Jazz", 0.15), ("jazz club", 0.04))
MAIL_DOMAINS = ("example.com", "example.org", "example.net")
# How many have no value, so that "is unknown" and the no-value counts have something to show.
WITHOUT_EMAIL = 0.05
WITHOUT_BIRTHDAY = 0.35
WITHOUT_CONSENT = 0.2
_OLDEST = date(1925, 1, 1)
_BIRTH_DAYS = (date(1981, 12, 31) - _OLDEST).days


def demo_people(seed: int, *, count: int = CUSTOMERS) -> Iterator[Traits]:
    """Traits of customers 1 to `count` in order, as an SDK's identify call takes them; a trait without value is absent.

    Needs the extra `demo` (Faker). The same seed gives the same people with the same version of Faker.
    """
    from faker import Faker  # an extra: a server without the demo has none

    # Every choice is a seeded one of ours; Faker only gives names.
    choose = random.Random(seed)  # noqa: S311 - made-up people, no secrets
    names = {}
    for place in PLACES:
        names[place.locale] = Faker(place.locale)
        names[place.locale].seed_instance(seed)
    places = choose.choices(PLACES, weights=[place.weight for place in PLACES], k=count)
    for number, place in enumerate(places, start=1):
        faker = names[place.locale]
        first, last = faker.first_name(), faker.last_name()
        city, timezone = choose.choice(place.cities)
        traits: Traits = {
            "name": f"{first} {last}",
            "country": place.country,
            "city": city,
            "language": place.language,
            "timezone": timezone,
            "tags": [tag for tag, share in TAGS if choose.random() < share],
        }
        plan = choose.choices([plan for plan, _ in PLANS], weights=[weight for _, weight in PLANS])[0]
        if plan is not None:
            traits["plan"] = plan
        if choose.random() >= WITHOUT_EMAIL:
            traits["email"] = f"{_mail_name(first, last)}.{number}@{choose.choice(MAIL_DOMAINS)}"
        if choose.random() >= WITHOUT_BIRTHDAY:
            traits["birthday"] = (_OLDEST + timedelta(days=choose.randint(0, _BIRTH_DAYS))).isoformat()
        if choose.random() >= WITHOUT_CONSENT:
            traits["marketing_consent"] = choose.random() < 0.7
        yield traits


def _mail_name(first: str, last: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z.]+", "", ascii_only).strip(".") or "customer"
