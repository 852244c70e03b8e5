"""The names that integrations and flows have for built-in fields, and a value for each."""

from __future__ import annotations

from typing import Final

from coterie.filters.fields import FIELD_ALIASES

RESERVED: Final = tuple(name for name in FIELD_ALIASES if name.startswith("default_"))
# By the built-in field: values that stay as they are.
KEPT_AS_SENT: Final = {
    "email": "ann@example.com",
    "name": "Ann",
    "phone": "+4915112345678",
    "gender": "female",
    "avatar": "https://example.com/ann.png",
    "city": "Bonn",
    "country": "Germany",
    "language": "Portuguese",
    "timezone": "Europe/Paris",
    "referrer": "https://example.com/from",
    "integration": "bot",
    "source_url": "https://example.com/at",
    "ip": "10.0.0.1",
    "username": "ann",
}
