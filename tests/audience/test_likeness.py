"""Looking through everyone for the same people: who is found, who is not, and with how many comparisons."""

from __future__ import annotations

import random
from typing import Any

import pytest

from coterie.accounts.models import Role, User, Workspace, WorkspaceMember
from coterie.accounts.permissions import Access, Caller
from coterie.audience import likeness
from coterie.audience.duplicates import SAME_NAME
from coterie.audience.likeness import Comparing, Named
from coterie.audience.projector import project
from coterie.jobs.models import Job
from coterie.kit.errors import Conflict
from coterie.kit.reasons import Reason
from coterie.people import actions, suggestions
from coterie.people.actions import PersonEdit, apply_edits
from coterie.people.models import Identity, MergeSuggestion, Person, SuggestionState
from coterie.people.suggestions import Alike, propose
from tests.support.jobs import run_all


@pytest.fixture
def access(workspace: Workspace) -> Access:
    user = User.objects.create_user("alice@example.org")
    WorkspaceMember.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return Access(workspace, Caller(ip="", user=user), Role.OWNER)


def put(workspace: Workspace, *people: dict[str, Any]) -> None:
    """People from 1 on."""
    first = Person.objects.of(workspace).count() + 1
    apply_edits(
        workspace,
        [PersonEdit([("telegram", str(first + i))], set=values) for i, values in enumerate(people)],
    )
    project(workspace)


def look(access: Access) -> Job:
    job = likeness.start(access)
    run_all()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def found(workspace: Workspace, state: str = SuggestionState.OPEN) -> dict[tuple[int, int], tuple[int, str]]:
    rows = MergeSuggestion.objects.of(workspace).filter(state=state)
    return {(row.a, row.b): (row.score, row.reason) for row in rows}


PEOPLE: list[dict[str, Any]] = [
    {"name": "John Smith", "country": "Italy"},
    {"name": "Jon Smith", "country": "Italy"},
    {"name": "SMITH, John", "country": "Italy"},
    {"name": "Jane Smith", "country": "Italy"},
    {"name": "John Smith", "country": "Spain"},
    {"name": "Jon Smith"},
    {"name": "Mária Kovács-Tóth", "country": "Hungary"},
    {"name": "Mária Kovacs-Tóth", "country": "Hungary"},
    {"name": "李小龙王明", "country": "China"},
    {"name": "李小龙王明", "country": "China"},
    {"name": "Bo", "country": "Italy"},
    {"name": "Bo", "country": "Italy"},
]


@pytest.mark.server
def test_it_works(workspace: Workspace, access: Access) -> None:
    put(workspace, *PEOPLE)
    job = look(access)
    alike = "a similar name and the same country"
    assert found(workspace) == {
        (1, 2): (95, alike),
        (1, 3): (99, alike),
        (2, 3): (95, alike),
        (7, 8): (94, alike),
        (9, 10): (99, "the same name and the same country"),
    }
    assert (job.result["counts"], job.done, job.total) == ({"suggested": 5}, 12, 12)
    assert look(access).result["counts"] == {"suggested": 0}


@pytest.mark.server
def test_addresses(workspace: Workspace, access: Access) -> None:
    """Two who have an address as a mere value, since its holder has given it up; an office's says nothing."""
    put(workspace, {"email": "a@x.de"}, {"email": "A@x.de", "phone": "+4915112345678"}, {"phone": "+4915112345678"})
    MergeSuggestion.objects.of(workspace).delete()
    Identity.objects.of(workspace).filter(kind="email").delete()
    put(workspace, *({"email": "office@x.de"} for _ in range(11)))
    MergeSuggestion.objects.of(workspace).filter(b__gt=3).delete()
    look(access)
    assert found(workspace) == {(1, 2): (100, "same email"), (2, 3): (100, "same phone")}


@pytest.mark.server
def test_more_reasons_are_put_together(workspace: Workspace, access: Access) -> None:
    put(
        workspace,
        {"name": "Ada Lovelace", "country": "Italy", "email": "a@x.de"},
        {"name": "Ada Lovelace", "country": "Italy", "email": "a@x.de"},
    )
    assert found(workspace) == {(1, 2): (100, "same email")}
    look(access)
    score, reason = found(workspace)[1, 2]
    assert (score, reason) == (100, "same email")
    put(workspace, {"name": "Ada Lovelace", "country": "Italy"})
    look(access)
    assert found(workspace)[1, 3] == (99, "the same name and the same country")
    both = Alike(1, 3, 90, Reason("same_phone", "same phone"))
    propose(workspace, [both, Alike(1, 3, 100, SAME_NAME), both])
    row = MergeSuggestion.objects.of(workspace).get(a=1, b=3)
    assert (row.score, row.reason, row.code) == (100, "same phone; the same name and the same country", "several")
    assert [each["code"] for each in row.why["details"]["reasons"]] == ["same_phone", "same_name_and_country"]


@pytest.mark.server
def test_told_apart_they_stay_apart_through_merges(workspace: Workspace, access: Access) -> None:
    put(workspace, *({"name": "Ada Lovelace", "country": "Italy"} for _ in range(3)))
    look(access)
    row = MergeSuggestion.objects.of(workspace).get(a=1, b=3)
    suggestions.dismiss(access, row.pk)
    look(access)
    assert set(found(workspace)) == {(1, 2), (2, 3)}
    # 1 is told apart from 3; merged, 1 and 4 are too.
    put(workspace, {"name": "Ada Lovelace", "user_id": "u", "country": "Italy"})
    actions.merge_people(workspace, 1, 4)
    project(workspace)
    MergeSuggestion.objects.of(workspace).exclude(state=SuggestionState.DISMISSED).delete()
    look(access)
    assert set(found(workspace)) == {(2, 3), (2, 4)}
    assert suggestions.reopen(access, row.pk).state == SuggestionState.OPEN


@pytest.mark.server
def test_pages_and_checkpoints(workspace: Workspace, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages of a few rows, the job comes to the same."""
    rng = random.Random(4)
    names = [
        f"{rng.choice(['Jon', 'John', 'Joan'])} {rng.choice(['Smith', 'Smyth', 'Miller'])}{i % 7}" for i in range(40)
    ]
    put(workspace, *({"name": name, "country": "Italy", "email": f"{i % 30}@x.de"} for i, name in enumerate(names)))
    MergeSuggestion.objects.of(workspace).delete()
    look(access)
    whole = found(workspace)
    assert len(whole) > 30
    MergeSuggestion.objects.of(workspace).delete()
    monkeypatch.setattr(likeness, "_PAGE", likeness.NEAR + 9)
    look(access)
    assert found(workspace) == whole


@pytest.mark.server
def test_one_at_a_time(workspace: Workspace, access: Access) -> None:
    put(workspace, {"name": "Ada"})
    likeness.start(access)
    with pytest.raises(Conflict):
        likeness.start(access)


def rows_of(names: list[str]) -> list[Named]:
    rows = [Named("italy", word, name, number) for number, name in enumerate(names, 1) for word in set(name.split())]
    return sorted(rows)


def test_a_hundred_thousand_people_are_not_compared_with_each_other() -> None:
    """The worst case too: half of them have one and the same first name."""
    rng = random.Random(1)

    def word() -> str:
        return "".join(rng.choices("abcdefghijklmnop", k=8))

    names = [f"maria {word()}" if i % 2 else f"{word()} {word()}" for i in range(100_000)]
    names[500], names[77_000] = "grace hopper", "grace hoper"
    comparing = Comparing()
    pairs = {(each.a, each.b) for each in comparing.pairs(rows_of(names))}
    assert (501, 77_001) in pairs
    # Each person has two words; each is compared with NEAR others at most.
    assert comparing.comparisons <= 2 * len(names) * likeness.NEAR
    assert comparing.comparisons < len(names) ** 2 / 1_000


def test_twice_as_many_people_are_twice_the_work() -> None:
    rng = random.Random(2)
    counts = []
    for size in (5_000, 10_000):
        comparing = Comparing()
        names = [f"{rng.choice('abc')}nna {rng.randrange(10**6):06}" for _ in range(size)]
        list(comparing.pairs(rows_of(names)))
        counts.append(comparing.comparisons)
    assert counts[1] < 2.2 * counts[0]


def test_a_common_name_says_nothing() -> None:
    names = ["john smith"] * (likeness.COMMON + 1) + ["jon smith"] * 2
    assert {(each.a, each.b) for each in Comparing().pairs(rows_of(names))} == {(7, 8)}
