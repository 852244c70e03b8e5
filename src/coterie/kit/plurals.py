"""Numbers with what they count."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """A number with its noun in English: "1 person", "2,000 people"."""
    return f"{count:,} {one if count == 1 else many}"
