"""Settings from the environment: typed, and errors that name the variable."""

import stat
from pathlib import Path

import pytest

from coterie.kit.environment import BadSetting, Environment, kept_secret, postgres_url


def test_it_works() -> None:
    env = Environment({"A": " x ", "B": "yes", "C": "7", "D": "a, b,,c"})
    assert (env.text("A"), env.flag("B", default=False), env.number("C", default=1)) == ("x", True, 7)
    assert env.words("D") == ["a", "b", "c"]


def test_defaults_stand_in_for_what_is_missing() -> None:
    env = Environment({"EMPTY": ""})
    assert env.text("EMPTY", "d") == "d"
    assert env.number("EMPTY", default=3) == 3
    assert env.flag("GONE", default=True)
    assert not env.flag("EMPTY", default=True)
    assert env.words("GONE", "x,y") == ["x", "y"]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("COTERIE_DEBUG", "maybe", lambda env: env.flag("COTERIE_DEBUG", default=False)),
        ("COTERIE_PORT", "70000", lambda env: env.number("COTERIE_PORT", default=1, most=65535)),
        ("COTERIE_PORT", "x", lambda env: env.number("COTERIE_PORT", default=1)),
        ("COTERIE_BASE_URL", "example.org", lambda env: env.url("COTERIE_BASE_URL", "")),
        ("COTERIE_BASE_URL", "ftp://example.org", lambda env: env.url("COTERIE_BASE_URL", "")),
        ("COTERIE_BASE_URL", "http://h:99999", lambda env: env.url("COTERIE_BASE_URL", "")),
        ("COTERIE_DATA", "/dev/null/x", lambda env: env.folder("COTERIE_DATA", "data")),
    ],
)
def test_an_error_names_the_variable(name: str, value: str, read: object) -> None:
    with pytest.raises(BadSetting, match=name):
        read(Environment({name: value}))  # type: ignore[operator]


def test_a_postgres_url_is_taken_apart() -> None:
    found = postgres_url("X", "postgres://me:p%40ss@db.example:5433/coterie?sslmode=require")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "coterie",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "value", ["mysql://me:hidden@host/db", "postgres://me:hidden@host", "postgres://me:hidden@h:x/d"]
)
def test_a_wrong_database_url_is_refused_without_its_password(value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        postgres_url("COTERIE_DATABASE_URL", value)
    assert "COTERIE_DATABASE_URL" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    secret = kept_secret(path)
    assert len(secret) >= 48
    assert kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("short")
    with pytest.raises(BadSetting, match="32 characters"):
        kept_secret(path)
