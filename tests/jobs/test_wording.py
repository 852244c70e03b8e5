"""How jobs are told of in English and German: the web app is held to the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.accounts.models import Language
from coterie.jobs import wording
from coterie.jobs.models import Job, JobState
from coterie.jobs.wording import Title, titled

CASES = json.loads((Path(__file__).parents[1] / "conformance" / "job_words.json").read_text("utf-8"))


def named(case: dict[str, Any]) -> Title:
    return Title(case.get("title", ""), case["code"], case["details"])


def test_it_works() -> None:
    title = titled("export", count=1_200, format="CSV")
    assert title == ("Export of 1,200 people as CSV", "export", {"count": 1_200, "format": "CSV"})
    assert title.said(Language.GERMAN) == "Export von 1.200 Personen als CSV"
    undo = titled("undo", undone=title)
    assert undo.details["undone"]["code"] == "export"
    assert undo.said(Language.GERMAN) == "Rücknahme: Export von 1.200 Personen als CSV"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES["titles"], ids=lambda case: case["en"])
def test_titles(case: dict[str, Any], language: Language) -> None:
    assert named(case).said(language) == case[language.value]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES["endings"], ids=lambda case: case["state"])
def test_endings(case: dict[str, Any], language: Language) -> None:
    title = named(case)
    text = title.said(Language.ENGLISH)
    # By the state that is given, and not by that in which the job is now.
    job = Job(title=text, title_code=title.code, title_details=title.details, state=JobState.QUEUED)
    assert wording.ending(job, case["state"], language) == case[language.value]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES["counts"], ids=lambda case: ", ".join(case["counts"]))
def test_counts(case: dict[str, Any], language: Language) -> None:
    assert wording.counts(Job(result={"counts": case["counts"]}), language) == case[language.value]


@pytest.mark.parametrize(("kept", "phase"), [("rows", "Going through the rows"), ("Reading rows", "Reading rows")])
def test_a_phase_without_words_is_told_as_it_is(kept: str, phase: str) -> None:
    assert wording.phase(Job(phase=kept)) == phase


@pytest.mark.parametrize(("code", "details"), [("quite_new", {}), ("change", {}), ("import", {"file": "a.csv"})])
def test_a_title_that_has_no_words_is_not_given(code: str, details: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no words"):
        titled(code, **details)


def test_every_title_has_a_case() -> None:
    assert {case["code"] for case in CASES["titles"]} >= set(wording.codes("title"))
    assert {case["state"] for case in CASES["endings"]} == set(wording.codes("ended"))
