"""A segment with a past: people who came and went week after week, before the shop's server is started.

    python -m tests.browser.past SEED

The program writes what actions and the projector write, with the clock stopped at each week in turn.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import django

from coterie.cli.demo_people import demo_people
from coterie.kit import clock

if TYPE_CHECKING:
    from coterie.accounts.models import Workspace
    from coterie.accounts.permissions import Access

NAME: Final = "Letter readers"
FIRST: Final = 'tags has any of ("letter")'
# What it became in its sixth week.
LATER: Final = 'tags has any of ("letter", "podcast")'
WEEKS: Final = 12
CHANGED_IN: Final = 6
READERS: Final = 48
NAMES: Final = [str(each["name"]) for each in demo_people(77, count=2 * READERS)]


def main(seed: int) -> None:
    """Live through the weeks, ending a few hours before now."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "coterie.settings"
    django.setup()
    from coterie.accounts.models import Role, User, Workspace
    from coterie.accounts.permissions import Access, Caller
    from coterie.audience.engine import close_engine
    from coterie.audience.projector import project

    workspace = Workspace.objects.get()
    access = Access(workspace, Caller(ip="", user=User.objects.get()), Role.OWNER)
    choose = random.Random(seed)
    numbers: list[int] = []
    segment = ""
    with clock.frozen(clock.now() - timedelta(weeks=WEEKS, hours=5)) as time:
        for week in range(WEEKS + 1):
            numbers += [_newcomer(workspace, len(numbers) + more, choose) for more in range(READERS // (WEEKS + 1) + 1)]
            _change_minds(workspace, numbers, choose)
            project(workspace)
            if week == 0:
                segment = _define(access, FIRST)
            if week == CHANGED_IN:
                _define(access, LATER, segment)
            project(workspace)
            time.move(timedelta(weeks=1))
    close_engine()


def _newcomer(workspace: Workspace, at: int, choose: random.Random) -> int:
    from coterie.people.actions import create_person

    # Nothing that others have: they are in no count but that of everyone.
    tags = [choose.choice(("letter", "letter", "podcast"))]
    values = {"name": NAMES[at], "username": f"reader-{at + 1}"}
    outcome = create_person(workspace, values=values, tags=tags)
    assert outcome.number is not None
    return outcome.number


def _change_minds(workspace: Workspace, numbers: list[int], choose: random.Random) -> None:
    from coterie.people.actions import update_person

    for number in choose.sample(numbers, len(numbers) // 6):
        add, remove = choose.sample(("letter", "podcast"), 2)
        update_person(workspace, number, add_tags=[add] if choose.random() < 0.5 else [], remove_tags=[remove])


def _define(access: Access, where: str, segment: str = "") -> str:
    from coterie.audience import inputs
    from coterie.segments import actions

    found = inputs.read_filter(inputs.catalogue_for(access), where=where)
    if segment:
        return actions.change_segment(access, segment, actions.Edit(filter=found)).public_id
    about = "They asked for the weekly letter."
    return actions.create_dynamic(access, name=NAME, filter=found, description=about).public_id


if __name__ == "__main__":
    main(int(sys.argv[1]))
