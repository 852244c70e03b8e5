"""The web app has words for every built-in field, in each of its languages."""

import re
from pathlib import Path

import pytest

from coterie.filters.fields import BUILTIN_FIELDS
from tests.house.source import ROOT

WORDS = ROOT / "ui" / "src" / "i18n"


def part(file: Path, name: str) -> dict[str, str]:
    """One part of `builtin` in a file of words: keys and texts."""
    text = file.read_text("utf-8")
    built_in = text[text.index("  builtin: {") :]
    start = built_in.index(f"    {name}: {{")
    rows = built_in[start : built_in.index("}", start)]
    return dict(re.findall(r'(\w+): "([^"]*)"', rows))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_built_in_field_has_its_words(language: str) -> None:
    file = WORDS / f"{language}.ts"
    assert set(part(file, "name")) == set(part(file, "about")) == set(BUILTIN_FIELDS)
    assert {row.group for row in BUILTIN_FIELDS.values()} <= set(part(file, "group"))


def test_the_english_words_are_the_servers() -> None:
    file = WORDS / "en.ts"
    assert part(file, "name") == {name: row.label for name, row in BUILTIN_FIELDS.items()}
    assert part(file, "about") == {name: row.description for name, row in BUILTIN_FIELDS.items()}
