"""The documents are complete, and what they name is there."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from coterie.cli.main import app
from tests.house.source import PACKAGE, ROOT, Source, parse, sources

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
RECORDS = sorted((DOCS / "adr").glob("*.md"))
SETTING = re.compile(r"COTERIE_[A-Z0-9_]+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
# Of the tests; contributing.md lists them.
TEST_PREFIX = "COTERIE_TEST_"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def settings_read(source: Source) -> set[str]:
    """Environment variables that a file names: whole string literals, not attributes of Django's settings."""
    texts = (node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and SETTING.fullmatch(text)}


def commands(command: object, path: str) -> Iterator[str]:
    """The full name of every command below a click group."""
    children = getattr(command, "commands", None)
    if not children:
        yield path
        return
    for name, child in sorted(children.items()):
        if not child.hidden:
            yield from commands(child, f"{path} {name}")


def heading_links(text: str) -> set[str]:
    """The fragments that headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub(lambda found: found[0].strip("`"), text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_it_works() -> None:
    assert settings_read(parse("x.py", "env.text('COTERIE_A')\nsettings.COTERIE_B\n'see COTERIE_C'")) == {"COTERIE_A"}
    assert heading_links("# Read, then `write`\n") == {"read-then-write"}


def test_every_setting_is_documented() -> None:
    read = set().union(*(settings_read(source) for source in sources()))
    documented = set(re.findall(r"^\| `(COTERIE_[A-Z0-9_]+)`", page("operating.md"), re.MULTILINE))
    assert documented == {name for name in read if not name.startswith(TEST_PREFIX)}


def test_every_setting_of_the_tests_is_documented() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    named = {name for text in texts for name in SETTING.findall(text) if name.startswith(TEST_PREFIX)} - {TEST_PREFIX}
    assert named - set(SETTING.findall(page("contributing.md"))) == set()


def test_every_permission_is_documented() -> None:
    from coterie.accounts.models import Role
    from coterie.accounts.permissions import PERMISSIONS

    roles = (Role.OWNER, Role.ADMIN, Role.AGENT, Role.VIEWER)
    written = re.findall(r"^\| `([a-z]+:[a-z]+)` \|(.*)\|$", page("operating.md"), re.MULTILINE)
    found = {name: [cell.strip() == "yes" for cell in cells.split("|")] for name, cells in written}
    assert found == {name: [*(role in row.roles for role in roles), row.for_keys] for name, row in PERMISSIONS.items()}


def test_every_operator_is_documented() -> None:
    from coterie.filters.operators import OPERATORS

    text = page("filters.md")
    assert [key for key in OPERATORS if f"`{key}`" not in text] == []


def test_every_command_is_documented() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    missing = [name for name in commands(get_command(app), "coterie") if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in PAGES:
        code = "\n".join(CODE.findall(path.read_text(encoding="utf-8")))
        named = {
            word for words in re.findall(r"(?:^|`)make ([a-z0-9 -]+)", code, re.MULTILINE) for word in words.split()
        }
        assert named <= targets, path.name


def test_the_readme_starts_with_two_commands() -> None:
    block = re.search(r"```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    assert block[1].splitlines() == ["make run", "make test"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = CODE.sub("", path.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://")):
            continue
        target, _, fragment = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        if fragment:
            assert fragment in heading_links(there.read_text(encoding="utf-8")), link


def test_every_page_is_in_the_index() -> None:
    linked = {(DOCS / link).resolve() for link in LINK.findall(page("index.md"))}
    assert {path for path in DOCS.rglob("*.md") if path.name != "index.md"} - linked == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_pages_name_are_there(path: Path) -> None:
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|md|json))`", path.read_text(encoding="utf-8"))
    assert [name for name in named if not any((base / name).exists() for base in (ROOT, PACKAGE))] == []


def test_every_room_is_in_the_architecture() -> None:
    described = re.findall(r"^\| `([a-z]+)` \|", page("architecture.md"), re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [layer.removeprefix("coterie.") for layer in contracts[0]["layers"]]
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert described == layers
    assert rooms == set(layers)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_decision_records_have_their_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    number = RECORDS.index(path) + 1
    assert path.name.startswith(f"{number:04d}-")
    assert text.startswith(f"# {number:04d}: ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Alternatives"]
    assert len(text.split()) <= 450, "a record is one page"


def test_checklists_are_short() -> None:
    parts = re.split(r"^## (.+)$", page("contributing.md"), flags=re.MULTILINE)
    steps = {
        title: len(re.findall(r"^\d+\. ", text, re.MULTILINE))
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    lists = {title: count for title, count in steps.items() if title.startswith("Add a")}
    assert len(lists) >= 3
    assert all(1 <= count <= 5 for count in lists.values()), "a longer checklist means that the design is wrong"


def test_no_registry_host_is_named() -> None:
    hosts = re.compile("|".join(("pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(?:org|com)")))
    kinds = {".cfg", ".ini", ".json", ".lock", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}
    # What tools and other tests write meanwhile is gone into neither: it may be away before it is read.
    skipped = {".git", ".venv", "node_modules", "data", ".cache", ".hypothesis", ".pytest_cache", "__pycache__"}
    wrong, seen = [], set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped]
        for path in (Path(folder) / name for name in files):
            if path.is_file() and (path.suffix in kinds or path.name == "Makefile"):
                seen.add(path)
                wrong += [str(path)] if hosts.search(path.read_text(encoding="utf-8", errors="replace")) else []
    assert {ROOT / "Makefile", ROOT / "pyproject.toml", PACKAGE / "settings.py", DOCS / "index.md"} <= seen
    assert wrong == []
