"""What random worlds are drawn from: fields, values, events, and moments at which the calendar is at its worst."""

from datetime import date, timedelta
from functools import cache
from random import Random

from tests.support.oracle_values import Clock, read_when, to_ms

FIELDS: dict[str, str] = {
    "city": "text",
    "email": "text",
    "phone": "text",
    "tags": "list",
    "plan": "text",
    "score": "number",
    "visits": "number",
    "vip": "boolean",
    "signed_up": "datetime",
    "renews": "datetime",
    "birthday": "date",
    "interests": "list",
    # Hostile names: nesting, placeholders, quotes, keywords, many scripts, the longest one.
    "a": "text",
    "a.b": "text",
    "a b": "number",
    "$x": "text",
    '"': "boolean",
    "`": "list",
    "'": "number",
    "\\": "text",
    "and": "number",
    "count of": "text",
    "{x}": "text",
    "%s": "date",
    "?": "datetime",
    "ключ 🙂": "number",
    "x" * 200: "text",
}
BUILTIN = ("city", "email", "phone", "tags")
CUSTOM = {name: kind for name, kind in FIELDS.items() if name not in BUILTIN}

# Moments at which calendars are at their worst.
MOMENTS = (
    ("2026-03-15T12:00:00Z", "UTC"),
    ("2026-03-29T10:00:00Z", "Europe/Berlin"),  # the day of 23 hours
    ("2026-11-01T17:00:00Z", "America/New_York"),  # the day of 25 hours
    ("2026-03-29T01:30:00Z", "Europe/London"),  # the first hour of summer time
    ("2028-02-29T10:59:59.999Z", "Pacific/Auckland"),  # the last millisecond of a leap day
    ("2027-02-28T23:30:00Z", "Europe/Berlin"),  # 1 March in a common year
    ("2026-12-31T18:30:00Z", "Asia/Kolkata"),  # the first instant of a year
    ("2027-01-01T02:59:59.999Z", "America/Sao_Paulo"),  # the last one
    ("2026-03-31T12:00:00Z", "America/Los_Angeles"),  # a month ago there was no such day
)
SPANS = (
    (90, "minutes"),
    (24, "hours"),
    (1, "days"),
    (7, "days"),
    (30, "days"),
    (1, "weeks"),
    (2, "weeks"),
    (1, "months"),
    (3, "months"),
    (1, "years"),
)
DAY_SPANS = tuple(span for span in SPANS if span[1] not in ("minutes", "hours"))
EXACT_SPANS = tuple(span for span in SPANS if span[1] not in ("months", "years"))

TEXTS = (
    *("ß", "ss", "SS", "ẞ", "Straße", "STRASSE", "İstanbul", "istanbul", "ISTANBUL", "ı", "I", "ΟΔΟΣ", "οδος", "οδοσ"),
    *("Zo\u00e9", "Zoe\u0301", "ZOE\u0301", "Zoe", "J\u030c", "\u01f0", "\u212a", "k", "ﬁn", "fin"),
    *("100%", "1000", "100\\", "a_b", "axb", "%", "_", "\\", "\\\\", "a\\", "a\\b", 'say "hi"', "'; --", "`", "{x}"),
    *("42", "42.5", "042", "4.20e1", "-7", "true", "FALSE", "null", "None", "[]", "2026-01-31"),
    *("👩\u200d👩\u200d👧", "\u202eabc", "new\nline", "{v}"),
    *("Berlin", "berlin ", "  Paris", "Vip", "VIP", "pro", "Pro Plus", "x" * 300),
)
# Drawn more often than the rest, so that values and operands meet.
HOT_TEXTS = (
    *("Straße", "STRAẞE", "STRASSE", "İstanbul", "istanbul", "ΟΔΟΣ", "οδος"),
    *("Zo\u00e9", "Zoe\u0301", "Zoe", "vip", "VIP", "a\\", "100%"),
)
NUMBERS = (0, -0.0, 1, 5, 42, 42.5, 43, -7, -7.25, 0.1, 1e-9, 1e300, 2**53, 2**53 - 1, -(2**53))
HOT_NUMBERS = (0, -0.0, 5, 42, 42.5, -7)
NUMBER_TEXTS = ("0", "-0", "42", "42.5", "9", "10", "100", "-7", "0.1", " 5 ", "1e2", "+1")
LOSSY_NUMBERS = (2**53 + 1, -(2**53) - 1, str(2**53 + 1), "42a", "1,5", "1_000", "0x2A", "NaN", True, [1], "1e999")
AMOUNTS = (0, 1, 5, 5.5, -3, 12.25, 50, 50.25, 100, 250)  # sums of these are exact in whatever order they are made
EMAILS = ("ann@Example.com", "BOB@example.COM", "c@sub.example.com", "d@example.org", "é@exämple.de")
PHONES = ("+4915112345678", "+12125550123", "+14165550123", "+442079460958", "+33123456789")
EMPTIES = (None, "", "   ", "\t\n\u00a0\u3000", [])
EVENTS = ("purchase", "login", 'we"ird\\', "página vista")
PROPERTIES = ("amount", "sku", "ok", "when", "a.b", "$p")
PATTERNS = (
    *("^s", "o.$", "\\d+", "100%", "a_b", "\\\\$", "(vip|pro)", "^[a-c]+$", "ß", "Σ", "é", "n.l", "^.{1,3}$", "I"),
    *("\\w+ \\w+", "[^a-z]", "x{100}", "a|^$", "w\\nl"),
)


class Edges:
    """Instants and dates where a window of SPANS or a day, week, month or year begins or ends, and their neighbours."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        today = clock.today
        year_days = [date(year, month, day) for year in (today.year, today.year + 1) for month, day in ((1, 1), (3, 1))]
        week, month = today - timedelta(days=today.weekday()), today.replace(day=1)
        starts = [
            *(today + timedelta(days=n) for n in (-8, -7, -1, 0, 1, 2, 7, 8)),
            *(week, week + timedelta(days=7), month, (month + timedelta(days=32)).replace(day=1)),
            *year_days,
        ]
        self.days = tuple(dict.fromkeys(day + timedelta(days=n) for day in starts for n in (-1, 0, 1)))
        exact = [clock.now, *(clock.step(sign * n, unit) for n, unit in SPANS for sign in (-1, 1))]
        exact += [self._midnight(day) for day in starts]
        self.instants = tuple(dict.fromkeys(at + n for at in exact for n in (-1, 0, 1)))
        self.birthdays = (
            *(day.replace(year=1990) for day in self.days if (day.month, day.day) != (2, 29)),
            *(date(2000, 2, 29), date(1999, 2, 28), date(2001, 3, 1), date(1970, 12, 31), date(1971, 1, 1)),
        )

    def _midnight(self, day: date) -> int:
        at = read_when(f"{day.isoformat()}T00:00:00", zone=self.clock.zone)
        assert isinstance(at, int)
        return at

    def iso(self, ms: int) -> str:
        """An instant as ISO text in UTC with its milliseconds."""
        text = Clock(ms, "UTC").local(ms).isoformat(timespec="milliseconds")
        assert to_ms(Clock(ms, "UTC").local(ms)) == ms
        return text.replace("+00:00", "Z")


@cache
def edges_of(clock: Clock) -> Edges:
    """The edges of a clock, made once."""
    return Edges(clock)


def any_text(rng: Random) -> str:
    return rng.choice(HOT_TEXTS if rng.random() < 0.5 else TEXTS)


def any_number(rng: Random) -> float:
    return rng.choice(HOT_NUMBERS if rng.random() < 0.5 else NUMBERS)
