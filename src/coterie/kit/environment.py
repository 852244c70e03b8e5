"""The one reader of environment variables: typed, with errors that name the variable and what was expected."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class BadSetting(SystemExit):
    """A variable can't be used; the program ends with a sentence that says which and why."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: expected {expected}")


class Environment:
    """Reads variables of one mapping, by default the process's."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding space; the default when it is not set or empty."""
        return self._variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """1, true, yes, on or 0, false, no, off."""
        value = self._variables.get(name)
        if value is None:
            return default
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise BadSetting(name, "1 or 0")

    def number(self, name: str, *, default: int, least: int = 0, most: int = 2**31) -> int:
        """A whole number within limits."""
        value = self.text(name)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise BadSetting(name, f"a whole number from {least} to {most}")
        return number

    def words(self, name: str, default: str = "") -> list[str]:
        """Values between commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def folder(self, name: str, default: str) -> Path:
        """A folder, made when it is missing, readable only by its owner then."""
        path = Path(self.text(name, default)).expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadSetting(name, f"a folder that can be made or used; {path}: {error.strerror}") from None
        return path

    def url(self, name: str, default: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """An address with a scheme and a host, without a slash at its end."""
        value = self.text(name, default)
        parts = _split(name, value)
        if parts.scheme not in schemes or not parts.hostname:
            raise BadSetting(name, f"an address such as {schemes[0]}://host")
        return value.rstrip("/")


def _split(name: str, value: str):  # type: ignore[no-untyped-def]  # urlsplit's own result type is private to it
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise BadSetting(name, "a valid address") from None
    return parts


def postgres_url(name: str, value: str) -> dict[str, object]:
    """`postgres://user:password@host:5432/name?sslmode=require` as Django database settings, without options of ours.

    Query parameters become connection parameters. An error never repeats the address: it holds the password.
    """
    parts = _split(name, value)
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not database:
        raise BadSetting(name, "postgres://user:password@host:5432/name, or nothing for SQLite")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def kept_secret(path: Path) -> str:
    """The secret in a file that only its owner may read; made on first use.

    Two processes that start together get the same secret: the file is written aside and linked into place once.
    """
    if not path.exists():
        aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise BadSetting("COTERIE_SECRET_KEY", f"a secret of at least 32 characters in {path}")
    return secret


def is_embedded() -> bool:
    """Whether the index is inside the process, in the data folder: then one process uses it, with nobody to share."""
    return not Environment().words("COTERIE_CLICKHOUSE_URL")
