"""Readiness: each room registers checks of what it needs, and /readyz asks them all."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """What one check found; `note` is shown to operators and holds no secrets."""

    ready: bool
    note: str = ""


Check = Callable[[], Health]
_checks: dict[str, Check] = {}
_needs: dict[str, str] = {}


def register(name: str, check: Check, *, needs: str = "") -> None:
    """Add a check, usually from a room's `AppConfig.ready`; the same name replaces the one before.

    `needs` names another check: while that one fails this one is not asked, as it would only wait for the same store.
    """
    _checks[name], _needs[name] = check, needs


def run_checks() -> dict[str, Health]:
    """Every check's finding by name. A check that raises counts as not ready."""
    found: dict[str, Health] = {}
    for name, check in sorted(_checks.items(), key=lambda item: bool(_needs.get(item[0]))):
        needs = _needs.get(name, "")
        if needs in found and not found[needs].ready:
            found[name] = Health(ready=False, note=f"not asked: {needs} is not ready")
        else:
            found[name] = _run(name, check)
    return dict(sorted(found.items()))


def _run(name: str, check: Check) -> Health:
    try:
        return check()
    except Exception as error:
        # The reason goes to the log and not to the caller: it may hold an address with a password.
        _log.exception("readiness check %s failed", name)
        return Health(ready=False, note=type(error).__name__)
