"""Notes on people: written, changed by whom, pinned, kept through merges, gone with the person."""

import pytest

from coterie.people.actions import delete_person, merge_people
from coterie.people.models import Note
from tests.support.world import World

pytestmark = pytest.mark.server
PEOPLE = "/workspaces/acme/people"


@pytest.fixture
def notes(world: World) -> str:
    """The notes of person 1."""
    for name in ("ann", "ben"):
        assert world.api("bob").post(PEOPLE, {"set": {"name": name}}).status_code == 201
    return f"{PEOPLE}/1/notes"


def write(world: World, who: str, path: str, text: str, *, pinned: bool = False) -> str:
    answer = world.api(who).post(path, {"text": text, "pinned": pinned})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def texts(world: World, path: str) -> list[str]:
    return [row["text"] for row in world.api("vera").get(path).json()["items"]]


def test_it_works(world: World, notes: str) -> None:
    first = write(world, "bob", notes, "  Prefers mornings. ")
    write(world, "secret", notes, "Imported.")
    write(world, "bob", notes, "Owes us a call.", pinned=True)
    assert texts(world, notes) == ["Owes us a call.", "Imported.", "Prefers mornings."]
    shown = world.api("vera").get(notes).json()["items"]
    assert [row["author"] for row in shown] == [
        "bob@example.org",
        f"key:{world.secret_key.public_id}",
        "bob@example.org",
    ]
    changed = world.api("bob").patch(f"{notes}/{first}", {"text": "Prefers evenings."}).json()
    assert (changed["text"], changed["edited_at"] is None, changed["pinned"]) == ("Prefers evenings.", False, False)
    assert world.api("bob").delete(f"{notes}/{first}").status_code == 204
    assert texts(world, notes) == ["Owes us a call.", "Imported."]
    assert Note.objects.of(world.acme).get(public_id=first).text == ""


@pytest.mark.parametrize(("who", "status"), [("bob", 200), ("ada", 200), ("alice", 200), ("secret", 403)])
def test_whose_text_it_is(world: World, notes: str, who: str, status: int) -> None:
    note = write(world, "bob", notes, "Mine.")
    assert world.api(who).patch(f"{notes}/{note}", {"text": "Other."}).status_code == status
    assert world.api(who).patch(f"{notes}/{note}", {"pinned": True}).json().get("pinned", status) is not False
    assert world.api(who).delete(f"{notes}/{note}").status_code == (204 if status == 200 else 403)


def test_pinning_is_everyones_and_keeps_the_text(world: World, notes: str) -> None:
    note = write(world, "bob", notes, "Mine.")
    pinned = world.api("secret").patch(f"{notes}/{note}", {"pinned": True}).json()
    assert (pinned["pinned"], pinned["edited_at"], pinned["text"]) == (True, None, "Mine.")


def test_they_follow_a_merge_and_go_with_the_person(world: World, notes: str) -> None:
    write(world, "bob", notes, "On one.")
    note = write(world, "bob", f"{PEOPLE}/2/notes", "On two.")
    survivor = merge_people(world.acme, 1, 2)
    for number in (1, 2):
        assert set(texts(world, f"{PEOPLE}/{number}/notes")) == {"On one.", "On two."}
    assert world.api("bob").patch(f"{PEOPLE}/{survivor}/notes/{note}", {"pinned": True}).status_code == 200
    delete_person(world.acme, survivor)
    assert not Note.objects.of(world.acme).exists()
    assert world.api("vera").get(notes).status_code == 404


def test_another_persons_note_is_not_there(world: World, notes: str) -> None:
    note = write(world, "bob", f"{PEOPLE}/2/notes", "On two.")
    answer = world.api("bob").patch(f"{notes}/{note}", {"pinned": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "note_not_found")


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_a_note_has_some_text(world: World, notes: str, text: str) -> None:
    assert world.api("bob").post(notes, {"text": text}).status_code == 400
    assert texts(world, notes) == []
