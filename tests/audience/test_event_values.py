"""The values of a property of events, as they are proposed: counted, searched, and nothing of who is gone."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.accounts import actions as accounts
from coterie.accounts import audit
from coterie.accounts.models import KeyKind, Workspace
from coterie.audience import event_values
from coterie.audience.projector import project
from coterie.people.actions import delete_person
from tests.audience.conftest import serving, write
from tests.support.world import Api

pytestmark = pytest.mark.server

AT = 1_780_000_000_000
BOUGHT = {
    "u1": ["Kind of Blue", "Blue Train", "Kind of Blue"],
    "u2": ["KIND OF BLUE", "Größe", 7, True, "", None, ["a", "b"]],
    "gone": ["Of nobody", "Blue Train"],
}


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Two people who bought titles, and one who is deleted; one of them has looked at a title too."""
    for user, titles in BOUGHT.items():
        events = [("purchase", AT + at, {"title": title}) for at, title in enumerate(titles)]
        number = write(workspace, user, events=[*events, ("look", AT, {"title": "Only looked at"})])
    delete_person(workspace, number)
    project(workspace)
    return workspace


def found(workspace: Workspace, **more: Any) -> list[tuple[Any, int]]:
    asked = {"event": "purchase", "property": "title"} | more
    values = event_values.event_values(workspace, asked.pop("event"), asked.pop("property"), **asked)
    return [(each.value, each.count) for each in values]


def test_it_works(shop: Workspace) -> None:
    """As they were written, whatever the case; a number is proposed as the text that it can be compared as."""
    assert found(shop)[0] in [("Kind of Blue", 3), ("KIND OF BLUE", 3)]
    assert sorted(found(shop)[1:]) == [("7", 1), ("Blue Train", 1), ("Größe", 1), ("true", 1)]


@pytest.mark.parametrize(
    ("more", "values"),
    [
        ({"search": "bLuE"}, {"kind of blue", "blue train"}),
        ({"search": "größ"}, {"größe"}),
        ({"search": "%"}, set()),
        ({"limit": 1}, {"kind of blue"}),
        ({"event": "look"}, {"only looked at"}),
        ({"event": "never done"}, set()),
        ({"property": "of no event"}, set()),
        ({"property": "title') OR 1 = 1 --"}, set()),
    ],
)
def test_what_is_proposed(shop: Workspace, more: dict[str, Any], values: set[str]) -> None:
    assert {value.lower() for value, _ in found(shop, **more)} == values


def test_however_many_there_are(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many events are counted; a search is made before."""
    monkeypatch.setattr(event_values, "MOST_EVENTS", 10)
    write(workspace, "u", events=[("look", AT + at, {"page": f"/page/{at}"}) for at in range(300)])
    assert len(found(workspace, event="look", property="page")) == 10
    assert found(workspace, event="look", property="page", search="/299") == [("/page/299", 1)]


def test_over_the_api(shop: Workspace) -> None:
    """With the right to see people, and the one to see what they did."""
    path = f"/workspaces/{shop.slug}/events/values?event=purchase&property=title&search=train"
    for scopes, status in ((["people:read", "events:read"], 200), (["people:read"], 403), (["events:read"], 403)):
        _, token = accounts.create_key(audit.SYSTEM, shop, kind=KeyKind.SECRET, name="test", scopes=scopes)
        with serving():
            answer = Api(token=token).get(path)
        assert answer.status_code == status, scopes
        if status == 200:
            values = [{"value": "Blue Train", "count": 1}]
            assert answer.json() == {"event": "purchase", "property": "title", "values": values}
