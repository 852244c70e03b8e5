"""Rows of a workspace are reached through `.objects.of(workspace)`; the few places that can't are listed here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from coterie.accounts.scope import WorkspaceScoped

SOURCE = Path(__file__).parents[2] / "src" / "coterie"
NAMES_ITS_WORKSPACE = ("create", "bulk_create")  # a new row says its workspace itself
UNSCOPED_ALLOWED: dict[str, str] = {
    "accounts/permissions.py:key_of_token": "a token says which workspace it is for",
    "accounts/permissions.py:_access": "the one place where a workspace enters a request",
    "accounts/queries.py:memberships_of": "the workspaces of one user",
    "jobs/files.py:forget_unfinished": "the time limit is the same for all workspaces",
    "jobs/files.py:forget_orphans": "looks for the row of a file, whose name is made once",
    "jobs/leases.py:_waiting": "workspaces take turns: finds out which have work",
    "jobs/leases.py:claim": "workspaces take turns: who has had the last one",
    "jobs/leases.py:release_all": "the process that owned everything is gone",
    "jobs/notices.py:send_mails": "mails that are due in all workspaces",
    "jobs/scratch.py:sweep": "a folder has the name of a lease, which is made once",
    "privacy/ledger.py:missing": "the ledger is one for all workspaces",
    "privacy/replay.py:replay": "a restored database is compared with the ledger as a whole",
    "privacy/tasks.py:finish_erasures": "erasures of all workspaces that nobody works on",
    "tracking/committer.py:_look_at_backlog": "how much waits in all workspaces together",
    "tracking/drain.py:_sources": "keys of batches, whose rights were checked when they came",
    "tracking/leases.py:release_all": "the process that owned everything is gone",
    "transfers/schedules.py:follow_zones": "schedules of all workspaces whose time zone was changed",
    "transfers/schedules.py:start_due": "slots that are due in all workspaces",
    "web/readiness.py:backlog": "how much waits in all workspaces together",
    "web/readiness.py:positions": "finds out which workspaces have work",
    "tracking/leases.py:waiting_workspaces": "finds out which workspaces have work",
}
"""`file:function` and why. Each must be in use: a line that is not needed any more is an error."""


def scoped_models() -> set[str]:
    """The names of all models whose rows belong to one workspace."""
    return {model.__name__ for model in apps.get_models() if issubclass(model, WorkspaceScoped)}


def unscoped(tree: ast.AST, names: set[str]) -> Iterator[tuple[str, int]]:
    """The function and line of each `Model.objects` of a scoped model that is not followed by `.of`."""
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")):
            continue
        if not (isinstance(node.value, ast.Name | ast.Attribute) and _last(node.value) in names):
            continue
        after = parents[node]
        if not (isinstance(after, ast.Attribute) and after.attr in ("of", *NAMES_ITS_WORKSPACE)):
            yield _function(node, parents), node.lineno


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node.name
    return "<module>"


def found_in_source() -> dict[str, list[int]]:
    """Every unscoped place in the program, as `file:function`, with its lines."""
    found: dict[str, list[int]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for function, line in unscoped(ast.parse(path.read_text()), scoped_models()):
            found.setdefault(f"{path.relative_to(SOURCE)}:{function}", []).append(line)
    return found


def test_it_works() -> None:
    assert {"ApiKey", "WorkspaceMember"} <= scoped_models()


def test_every_query_starts_with_its_workspace() -> None:
    wrong = {place: lines for place, lines in found_in_source().items() if place not in UNSCOPED_ALLOWED}
    assert not wrong, f"start these queries with .objects.of(workspace), or list them with the reason: {wrong}"


def test_the_list_of_exceptions_is_in_use() -> None:
    assert not set(UNSCOPED_ALLOWED) - set(found_in_source())


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("ApiKey.objects.of(w).filter(x=1)", False),
        ("ApiKey.objects.create(workspace=w)", False),
        ("ApiKey.objects.filter(x=1)", True),
        ("models.ApiKey.objects.all()", True),
        ("rows = ApiKey.objects", True),
        ("ApiKey._default_manager.all()", True),
        ("User.objects.get(pk=1)", False),
    ],
)
def test_the_rule_sees(code: str, caught: bool) -> None:
    assert bool(list(unscoped(ast.parse(code), {"ApiKey"}))) is caught
