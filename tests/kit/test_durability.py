"""The database must keep what it has acknowledged."""

import pytest
from django.db import connection

from coterie.kit import durability

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    assert durability.problems(connection) == []


@pytest.mark.parametrize(
    ("vendor", "answers", "found"),
    [
        ("sqlite", ["wal", 2, 1], []),
        ("sqlite", ["wal", 1, 1], ["synchronous is 1"]),
        ("sqlite", ["memory", 2, 0], ["journal_mode is memory", "foreign_keys is 0"]),
        ("postgresql", ["on", "on"], []),
        ("postgresql", ["off", "on"], ["fsync is off"]),
        ("postgresql", ["on", "off"], ["synchronous_commit is off"]),
        ("postgresql", ["on", "local"], ["synchronous_commit is local"]),
    ],
)
def test_each_setting(vendor: str, answers: list[object], found: list[str]) -> None:
    problems = durability.problems(Told(vendor, answers))  # type: ignore[arg-type]
    assert len(problems) == len(found)
    for problem, part in zip(problems, found, strict=True):
        assert part in problem


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_real_one_that_is_set_to_forget() -> None:
    """The words of the database itself, over a connection of its own."""
    other = connection.copy(alias="forgetful")
    other.settings_dict["OPTIONS"] = {
        key: value for key, value in other.settings_dict["OPTIONS"].items() if key != "pool"
    }
    sqlite = connection.vendor == "sqlite"
    try:
        with other.cursor() as cursor:
            assert durability.problems(other) == []
            cursor.execute("PRAGMA synchronous = NORMAL" if sqlite else "SET synchronous_commit = off")
        [problem] = durability.problems(other)
        assert problem.startswith("sqlite: synchronous is 1" if sqlite else "postgresql: synchronous_commit is off")
    finally:
        other.close()
        durability._seen.discard("forgetful")


def test_a_forgetful_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durability, "_seen", set())
    with pytest.raises(durability.NotDurable, match="fsync is off"):
        durability._refuse(Told("postgresql", ["off", "on"]))  # type: ignore[arg-type]
    durability._refuse(Told("postgresql", ["on", "on"]))  # type: ignore[arg-type]
    assert durability._seen == {"default"}


class Told:
    """A connection that answers as told."""

    alias = "default"

    def __init__(self, vendor: str, answers: list[object]) -> None:
        self.vendor = vendor
        self.answers = list(answers)

    def cursor(self) -> "Told":
        return self

    def __enter__(self) -> "Told":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, query: str) -> None:
        assert query.startswith(("PRAGMA ", "SHOW "))

    def fetchone(self) -> tuple[object]:
        return (self.answers.pop(0),)
