"""Who may be the same as a person about to be made."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.accounts.models import Workspace
from coterie.audience.duplicates import candidates
from coterie.kit.errors import Conflict
from coterie.people.actions import create_person
from tests.audience.conftest import write

pytestmark = pytest.mark.server


@pytest.fixture
def people(workspace: Workspace) -> dict[str, int]:
    return {
        "john": write(workspace, "john", name="John Smith", email="john@example.org", country="Germany"),
        "jon": write(workspace, "jon", name="Jon  SMITH", country="France"),
        "zoe": write(workspace, "zoe", name="Zoë Müller", phone="+4915112345678", country="Germany"),
        "other": write(workspace, "other", name="Peter Pan", country="Germany"),
    }


def found(workspace: Workspace, people: dict[str, int], names: Any = (), **values: Any) -> list[tuple[str, int, str]]:
    who = {number: name for name, number in people.items()}
    made = candidates(workspace, values=values, names=names)
    return [(who[each.person.number], each.score, "; ".join(each.reasons)) for each in made]


def test_it_works(workspace: Workspace, people: dict[str, int]) -> None:
    assert found(workspace, people, email="JOHN@example.org ", name="Someone Else") == [("john", 100, "same email")]
    assert found(workspace, people, name="Johnn Smith", country="DE") == [
        ("john", 95, "a similar name and the same country")
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"phone": "+49 151 12345678"}, [("zoe", 100, "same phone")]),
        ({"user_id": "other"}, [("other", 100, "same user id")]),
        ({"name": "smith john", "country": "Germany"}, [("john", 99, "the same name and the same country")]),
        ({"name": "ZOË MÜLLER"}, [("zoe", 99, "the same name")]),
        ({"name": "John Smith"}, [("john", 99, "the same name"), ("jon", 95, "a similar name")]),
        ({"name": "John Smith", "country": "Peru"}, []),
        ({"name": "Jane Brown"}, []),
        ({"name": "Jo"}, []),
        ({"phone": "no number", "name": 5}, []),
        ({}, []),
    ],
)
def test_reasons(workspace: Workspace, people: dict[str, int], values: dict[str, Any], expected: Any) -> None:
    assert found(workspace, people, **values) == expected


def test_several_reasons_for_one(workspace: Workspace, people: dict[str, int]) -> None:
    values = {"email": "john@example.org", "name": "John Smit", "country": "DE"}
    ((who, score, why),) = found(workspace, people, [("user_id", "john")], **values)
    assert (who, score, why) == ("john", 100, "same user id; same email; a similar name and the same country")


def test_hostile_names_find_nobody(workspace: Workspace, people: dict[str, int]) -> None:
    for text in ("\\", "' OR 1=1 --", "{x:String}", "a" * 5_000, "\t\n\r\x01abc"):
        assert found(workspace, people, name=text, country=text) == []


def test_people_who_share_an_address(workspace: Workspace, people: dict[str, int]) -> None:
    values = {"name": "Joan Smith", "email": "john@example.org"}
    with pytest.raises(Conflict, match=f"Person {people['john']} has this email"):
        create_person(workspace, values=values)
    outcome = create_person(workspace, values=values, shared=True)
    assert [(each.key, each.value, each.holder) for each in outcome.taken] == [
        ("email", "john@example.org", people["john"])
    ]
    with pytest.raises(Conflict, match="user id"):
        create_person(workspace, values={"user_id": "john"}, shared=True)
