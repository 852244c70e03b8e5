"""What mails say of jobs: titles and counts in German, and in English as the job has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coterie.accounts.models import Language
from coterie.jobs import kinds, wording
from coterie.jobs.models import Job, JobState

CASES = json.loads((Path(__file__).parents[1] / "conformance" / "job_titles.json").read_text("utf-8"))


def test_it_works() -> None:
    job = Job(kind="export", title="Export of 1,200 people as CSV", state=JobState.DONE)
    job.result = {"counts": {"exported": 1_200, "odd_thing": 2}}
    assert wording.ending(job, Language.ENGLISH) == "Export of 1,200 people as CSV is done"
    assert wording.ending(job, Language.GERMAN) == "Export von 1.200 Personen als CSV ist fertig"
    assert wording.counts(job, Language.ENGLISH) == ["exported: 1,200", "odd thing: 2"]
    assert wording.counts(job, Language.GERMAN) == ["exportiert: 1.200", "odd thing: 2"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_titles(case: dict[str, str]) -> None:
    """As the web app has them: it reads the same cases."""
    assert wording.title(case["kind"], case["title"], Language.GERMAN) == case["de"]
    assert wording.title(case["kind"], case["title"], Language.ENGLISH) == case["title"]


def test_every_kind_that_is_mailed_has_a_case() -> None:
    rows = [kind for name in kinds.known() if (kind := kinds.kind_of(name)) is not None]
    mailed = {row.name for row in rows if row.mail != "never"}
    assert len(mailed) > 10
    assert mailed - {case["kind"] for case in CASES} == set()
