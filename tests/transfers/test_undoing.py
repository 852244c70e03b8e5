"""Taking an import back: what it did goes, what others did since stays and is listed."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.jobs import actions as jobs
from coterie.kit.errors import Conflict, Forbidden
from coterie.people.actions import apply_edits, merge_people, update_person
from coterie.people.edits import EventRecord, Origin, PersonEdit
from coterie.people.models import Note, Person
from coterie.segments import actions as segments
from coterie.segments.static import numbers_of
from coterie.transfers import actions, importing, membership
from coterie.transfers.models import Phase
from tests.support.jobs import run_all
from tests.support.lookup import find_by_identity
from tests.transfers.conftest import Desk, table

pytestmark = pytest.mark.server

BEFORE: dict[str, dict[str, Any]] = {
    "1": {"name": "One", "city": "Rome", "email": "one@example.org", "tags": ["old"]},
    "2": {"name": "Two"},
}
FILE = table(
    [
        ["id", "name", "city", "mail", "tags"],
        ["1", "Uno", "Milan", "uno@example.org", "new;old"],
        ["2", "Deux", "Lyon", "", ""],
        ["3", "Three", "", "", ""],
        ["4", "Four", "", "", ""],
    ]
)
FIELDS = ("user_id", "name", "city", "email", "tags")


@pytest.fixture
def seeded(desk: Desk) -> Desk:
    edits = [
        PersonEdit(
            identities=[("user_id", name)],
            set={k: v for k, v in data.items() if k != "tags"},
            add_tags=data.get("tags", ()),
        )
        for name, data in BEFORE.items()
    ]
    apply_edits(desk.workspace, edits, origin=Origin("api", "test"))
    return desk


def state(desk: Desk) -> dict[str, dict[str, object]]:
    return {row.data["user_id"]: {k: v for k, v in row.data.items() if k != "user_id"} for row in desk.people()}


def test_it_works(seeded: Desk) -> None:
    before = state(seeded)
    source, _ = seeded.imported(FILE, *FIELDS, key="user_id", tags=["imported"])
    assert len(seeded.people()) == 4
    job = seeded.undo(source)
    assert state(seeded) == before == BEFORE
    assert job.result["counts"] == {"taken_back": 4}
    assert find_by_identity(seeded.workspace, "email", "one@example.org") is not None
    assert find_by_identity(seeded.workspace, "email", "uno@example.org") is None
    with pytest.raises(Conflict, match="taken back"):
        actions.start_undo(seeded.access(), source.public_id)


def test_what_others_did_since_stays(seeded: Desk) -> None:
    source, _ = seeded.imported(FILE, *FIELDS, key="user_id")
    one, three, four = (seeded.person("user_id", name).number for name in "134")
    update_person(seeded.workspace, one, values={"city": "Turin"}, add_tags=["mine"], origin=Origin("agent", "usr"))
    event = EventRecord("purchase", 1_780_000_000_000, "m1")
    apply_edits(seeded.workspace, [PersonEdit(number=three, events=[event], seen_at=event.time_ms)])
    Note.objects.create(workspace=seeded.workspace, number=four, text="x", by="cli")
    job = seeded.undo(source)
    assert state(seeded) == {
        "1": {"name": "One", "city": "Turin", "email": "one@example.org", "tags": ["old", "mine"]},
        "2": {"name": "Two"},
        "3": {"name": "Three", **{key: seeded.person("user_id", "3").data[key] for key in ("first_seen", "last_seen")}},
        "4": {"name": "Four"},
    }
    assert job.result["counts"] == {"kept": 3, "taken_back": 1}
    assert seeded.outcomes(source, Phase.UNDO) == [
        (2, "kept", "changed since: city"),
        (3, "restored", ""),
        (4, "kept", "they were changed, or did something, since"),
        (5, "kept", "there is a note on them"),
    ]
    assert seeded.told(source, 2, Phase.UNDO)["kept"] == {"city": ["Milan", "Turin"]}


def test_who_was_merged_or_deleted_since(seeded: Desk) -> None:
    source, _ = seeded.imported(FILE, *FIELDS, key="user_id")
    numbers = {name: seeded.person("user_id", name).number for name in "1234"}
    survivor = merge_people(seeded.workspace, numbers["3"], numbers["4"])
    Person.objects.of(seeded.workspace).filter(number=numbers["2"]).update(state="deleted", data={}, origins={})
    seeded.undo(source)
    reasons = {line: reason for line, _, reason in seeded.outcomes(source, Phase.UNDO)}
    assert reasons[3] == "they were deleted or merged since"
    assert {reasons[4], reasons[5]} == {
        f"they were merged into person {survivor}",
        "they were changed, or did something, since",
    }


def test_rows_on_top_of_each_other(seeded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    rows = [["1", "A"], ["3", "B"], ["1", "C"], ["3", "D"], ["1", "E"]]
    content = table([["id", "city"], *rows])
    source, _ = seeded.imported(content, "user_id", "city", key="user_id", duplicates="apply")
    assert seeded.person("user_id", "1").data["city"] == "E"
    seeded.undo(source)
    assert state(seeded) == BEFORE


def test_a_run_that_was_cancelled_can_be_taken_back(seeded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from coterie.jobs import actions as jobs
    from coterie.jobs import runner

    monkeypatch.setattr(importing, "BATCH", 1)
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.0)
    source = seeded.plan(seeded.upload(FILE), *FIELDS, key="user_id")
    job = actions.start_run(seeded.access(), source.public_id)
    assert runner.run_one(stopping=lambda: seeded.people()[0].data["name"] == "Uno")
    with pytest.raises(Conflict, match="going on"):
        actions.start_undo(seeded.access(), source.public_id)
    jobs.cancel(seeded.access(), job.public_id)
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 1)
    seeded.undo(source)
    assert state(seeded) == BEFORE
    with pytest.raises(Conflict, match="taken back"):
        jobs.retry(seeded.access(), job.public_id)


def test_who_may_not_take_out_of_segments_is_told(seeded: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that is gone is passed over and counted; that it may not be changed ends the job."""
    access = seeded.access()
    fair, gone = (segments.create_static(access, name=name, numbers=[]) for name in ("Fair", "Gone"))
    both = [gone.public_id, fair.public_id]
    source, _ = seeded.imported(FILE, *FIELDS, key="user_id", segments=both)
    segments.delete_segment(access, gone.public_id)

    def refuses(*given: Any, **more: Any) -> Any:
        raise Forbidden("You may not change segments.")

    with monkeypatch.context() as patch:
        patch.setattr(membership.static, "change_members", refuses)
        job = actions.start_undo(access, source.public_id)
        run_all()
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", "You may not change segments.")
        assert len(numbers_of(fair)) == 4
    jobs.retry(access, job.public_id)
    counts = seeded.finished(job).result["counts"]
    assert (counts["taken_out_of_segments"], counts["segments_not_found"]) == (4, 1)
    assert numbers_of(fair) == []
