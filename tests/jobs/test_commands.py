"""`coterie jobs`: listed, shown, cancelled and let go on from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from coterie.cli import jobs as commands
from coterie.cli.source import Api, Refused, in_process
from tests.jobs.conftest import Lab
from tests.support.jobs import run_all

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture(autouse=True)
def _inside(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API inside this process, as a command asks it when no server runs."""

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[Api]:
        with in_process() as send:
            yield Api(send, "acme")

    monkeypatch.setattr(commands, "open_source", opened)


def say(*words: str) -> str:
    done = CliRunner().invoke(commands.jobs, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_it_works(lab: Lab) -> None:
    done = lab.start("Counting to 1,200", to=1_200)
    run_all()
    waiting = lab.start("Waiting")
    lines = say("list").splitlines()
    assert [line.split()[0] for line in lines[1:]] == [waiting.public_id, done.public_id]
    assert "1,200 of 1,200 rows" in lines[2]
    assert [job["id"] for job in json.loads(say("list", "--state", "open", "--json"))["items"]] == [waiting.public_id]
    assert "counted" in say("show", done.public_id)
    assert "cancelled" in say("cancel", waiting.public_id)
    assert "queued" in say("retry", waiting.public_id)
    run_all()
    assert json.loads(say("show", waiting.public_id, "--json"))["state"] == "done"


def test_what_cannot_be_done_is_said(lab: Lab) -> None:
    done = lab.start()
    run_all()
    for words in (["cancel", done.public_id], ["show", "job_x"]):
        with pytest.raises(Refused):
            say(*words)
