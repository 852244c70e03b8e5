"""The web app has German words for every error that people can meet; the server's own sentences are English."""

import re

from tests.house.source import ROOT

SOURCE = ROOT / "src" / "coterie"
WORDS = ROOT / "ui" / "src" / "i18n"
_CODE = re.compile(r'\bcode(?:=|: str = )"([a-z_0-9]+)"|default_code(?:: ClassVar\[str\])? = "([a-z_0-9]+)"')
# What only programs meet: the doors of SDKs, and the command line.
PROGRAMS = {"tracking", "cli"}
# Of other rooms, but about what the web app never sends or asks for.
MACHINES = {"unknown_parameter", "write_key"}


def codes() -> set[str]:
    """The codes of errors that someone at a screen can meet."""
    found = set()
    for file in SOURCE.rglob("*.py"):
        if file.relative_to(SOURCE).parts[0] in PROGRAMS:
            continue
        for match in _CODE.finditer(file.read_text("utf-8")):
            found.add(match[1] or match[2])
    return found


def common(language: str) -> set[str]:
    """The codes that the words of all pages have."""
    text = (WORDS / f"{language}.ts").read_text("utf-8")
    rows = text[text.index("  errors: {") :]
    return set(re.findall(r"^    (\w+):", rows[: rows.index("\n  },")], re.MULTILINE))


def test_every_error_has_its_german_words() -> None:
    text = (WORDS / "problems" / "de.ts").read_text("utf-8")
    ours = set(re.findall(r"^  (\w+):", text, re.MULTILINE))
    told = ours | common("de")
    # Without a server there is no code of its own.
    assert told - {"offline"} == codes() - MACHINES
    assert not ours & common("de")
    assert common("de") == common("en")
