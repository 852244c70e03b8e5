"""schemathesis over the whole document, in this process: no 5xx, no answer that is not documented, nothing let by.

`COTERIE_TEST_EXAMPLES` is the number of requests of each kind per operation. A run of the usual number has the same
requests each time, so that what is found stands in the way of who has made it; a longer one has others each time, and
`COTERIE_TEST_SEED` has those made again that a failure names.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coterie.accounts.permissions import LOGGED_IN, PERMISSIONS
from coterie.web.api import api
from tests.house.source import PACKAGE
from tests.support.seed import SAID, SEED
from tests.web.site import Site

USUAL = 5
EXAMPLES = int(os.environ.get("COTERIE_TEST_EXAMPLES", USUAL))
FIRST = SEED if EXAMPLES > USUAL or "COTERIE_TEST_SEED" in os.environ else 1
# Needs an event that could not be used.
NEVER_DONE = {
    "POST /api/v1/workspaces/{slug}/tracking/quarantine/{event_id}/replay",
    # Needs an import that has run, and no worker runs here.
    "POST /api/v1/workspaces/{slug}/imports/{import_id}/undo",
    # Holds that earlier requests have set win; tests/privacy does these.
    "POST /api/v1/workspaces/{slug}/people/erase",
    "DELETE /api/v1/workspaces/{slug}/people/{number}",
    # `name` in other paths is no class of what is kept; tests/privacy/test_retention.py has those.
    "PUT /api/v1/workspaces/{slug}/retention/{name}",
    "DELETE /api/v1/workspaces/{slug}/retention/{name}",
    # Needs a schedule that is not running yet, and no worker runs here.
    "POST /api/v1/workspaces/{slug}/export-schedules/{schedule}/run",
}
# After these nothing else can be done to the same import, so each has one of its own.
OWN_PLACE = {
    "POST /api/v1/workspaces/{slug}/imports/{import_id}/run": 2,
    "DELETE /api/v1/workspaces/{slug}/imports/{import_id}": 3,
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SENTENCES = [
    'name contains "a" or tier is known',
    'not (orders > 3) and did "purchase" at least 1 times in the last 90 days where amount > 1',
    'in segment "Everyone" and `a.b` is "x"',
    "last_seen more than 3 days ago",
    "random bucket 0 to 50",
]


def load_everything() -> None:
    """Load every module of the product's rooms.

    Hypothesis draws constants of the modules that are loaded: without this, requests depend on which tests ran before.
    """
    for path in sorted(PACKAGE.glob("*/**/*.py")):
        if "migrations" not in path.parts:
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            importlib.import_module(".".join(part for part in parts if part != "__init__"))


@contextlib.contextmanager
def one_connection() -> Iterator[None]:
    """Keep Django from closing a connection between requests: that of a test is inside a transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@dataclass(frozen=True)
class Caller:
    """How requests say who sends them."""

    headers: Mapping[str, str]
    cookies: Mapping[str, str]


def with_key(site: Site) -> Caller:
    return Caller({"Authorization": f"Bearer {site.new_token()}"}, {})


def with_session(site: Site) -> Caller:
    api = site.as_owner()
    return Caller(api.headers, {name: cookie.value for name, cookie in api.client.cookies.items()})


def operations() -> list[Any]:
    """The document's operations but for answers without an end, in an order in which each can do its work."""
    document = json.loads(json.dumps(api.get_openapi_schema()))
    # Who asks is fixed in a test: without these lines no request is made to lack its cookie.
    for methods in document["paths"].values():
        for operation in methods.values():
            del operation["security"]
    schema = schemathesis.openapi.from_dict(document)
    schema.app = WSGIHandler()
    found = [result.ok() for result in schema.get_all_operations()]
    finite = [each for each in found if "text/event-stream" not in json.dumps(each.definition.raw["responses"])]
    # What holds other things is made before them and removed after them.
    last = {each.label: each.method == "delete" for each in finite}
    return sorted(finite, key=lambda each: (last[each.label], -len(each.path) if last[each.label] else len(each.path)))


def requests_of(operation: Any, site: Site, mode: GenerationMode) -> st.SearchStrategy[Case]:
    """Requests to places that exist, and some to places that mostly do not."""

    def at(given: Mapping[str, Any]) -> st.SearchStrategy[Case]:
        made: st.SearchStrategy[Case] = operation.as_strategy(generation_mode=mode, **given)
        return made

    known = {each.name: st.sampled_from(site.ids[each.name]) for each in operation.path_parameters}
    places = st.fixed_dictionaries(known)
    elsewhere = {"slug": site.workspace.slug} if operation.path_parameters else {}
    kinds = [at({"path_parameters": elsewhere}), st.fixed_dictionaries({"path_parameters": places}).flatmap(at)]
    if mode is GenerationMode.POSITIVE:
        if any(each.name == "where" for each in operation.query):
            wheres = st.fixed_dictionaries({"where": st.sampled_from(SENTENCES)})
            kinds.append(st.fixed_dictionaries({"path_parameters": places, "query": wheres}).flatmap(at))
        examples = [site.real(example) for body in operation.body for example in examples_of(body)]
        if examples:
            bodies = st.sampled_from(examples)
            kinds.append(st.fixed_dictionaries({"path_parameters": places, "body": bodies}).flatmap(at))
    return st.one_of(kinds)


def examples_of(part: Any) -> list[Any]:
    """The documented examples of a body or a parameter."""
    return [example["value"] for example in part.definition.get("examples", {}).values()]


def let_in_without(case: Case, caller: Caller) -> list[str]:
    """Who else gets another answer than 401 for what this caller may do: nobody, and whoever makes up a key."""
    headers = {name: value for name, value in caller.headers.items() if name != "Authorization"}
    others = {"without a key or session": {}, "with a key that is made up": {"Authorization": "Bearer sk_made_up"}}
    return [who for who, more in others.items() if case.call(headers=headers | more).status_code != 401]


def send(case: Case, caller: Caller, checks: list[Any]) -> int:
    """One request, checked; its status."""
    response = case.call(headers=dict(caller.headers), cookies=dict(caller.cookies))
    case.validate_response(response, checks=checks)
    return int(response.status_code)


def documented(operation: Any, site: Site) -> list[Case]:
    """What the document shows: places that exist, a sentence, each example of a body."""
    which = OWN_PLACE.get(operation.label, 1)
    place = {each.name: site.ids[each.name][which % len(site.ids[each.name])] for each in operation.path_parameters}
    query = {each.name: examples_of(each)[0] for each in operation.query if each.is_required}
    if any(each.name == "where" for each in operation.query):
        query["where"] = SENTENCES[0]
    given = [
        {"body": site.real(example), "media_type": body.media_type}
        for body in operation.body
        for example in examples_of(body)
    ] or [{}]
    return [operation.Case(path_parameters=place, query=query, **more) for more in given]


def exercise(operation: Any, mode: GenerationMode, site: Site, callers: Sequence[Caller]) -> None:
    """Send requests that are made up, each as every caller: to make one up takes longer than to send it.

    Raises FailureGroup.
    """
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS

    @hypothesis.seed(FIRST)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=requests_of(operation, site, mode))
    def send_made_up(case: Case) -> None:
        # White space around a text is taken away before its length is looked at, which no schema can say.
        hypothesis.assume(mode is GenerationMode.POSITIVE or trimmed(case.body) == case.body)
        for caller in callers:
            send(case, caller, checks)

    # Where nothing can be wrong about an operation there are no wrong requests.
    with contextlib.suppress(hypothesis.errors.Unsatisfiable):
        send_made_up()


def trimmed(value: Any) -> Any:
    """The same without white space around texts, at any depth."""
    if isinstance(value, Mapping):
        return {name: trimmed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def show(site: Site, caller: Caller) -> set[str]:
    """Do what is documented with every operation; every failure is told, not only the first.

    The answer is the permissions of the operations that were refused.
    """
    failed: list[str] = []
    refused: set[str] = set()
    with one_connection():
        for operation in operations():
            try:
                shown = documented(operation, site)
                failed += [f"{operation.label}: done {who}" for who in let_in_without(shown[0], caller)]
                statuses = {send(case, caller, CHECKS) for case in shown}
            except FailureGroup as failure:
                failed.append(f"{operation.label}: {failure}")
                continue
            if statuses == {403}:
                refused.add(operation.definition.raw["x-permission"])
            elif not statuses & {200, 201, 204} and operation.label not in NEVER_DONE:
                failed.append(f"{operation.label}: what is documented is not done, {statuses}")
    assert not failed, "\n\n".join(failed)
    return refused


@pytest.mark.server
def test_it_works_with_a_key(site: Site) -> None:
    refused = show(site, with_key(site))
    # Of what a key may do, only what someone does in their own name is refused: favourites, notes.
    assert refused >= {name for name, row in PERMISSIONS.items() if not row.for_keys} | {LOGGED_IN}


@pytest.mark.server
def test_it_works_with_a_session(site: Site) -> None:
    assert show(site, with_session(site)) == set()


@pytest.mark.server
@pytest.mark.timeout(900)
def test_what_is_made_up(site: Site) -> None:
    """It may remove and change anything; every failure is told, not only the first."""
    load_everything()
    callers = [with_key(site), with_session(site)]
    failed: list[str] = []
    with one_connection():
        for operation in operations():
            for mode in GenerationMode:
                try:
                    exercise(operation, mode, site, callers)
                except (FailureGroup, hypothesis.errors.FlakyFailure) as failure:
                    failed.append(f"{operation.label} {mode}: {failure}")
    assert not failed, "\n\n".join([SAID, *failed])
