"""Rules of retention: for how long a workspace keeps what, what a rule would remove, and setting one that was seen."""

from __future__ import annotations

from typing import Final, NamedTuple, cast

from django.db import transaction

from coterie.accounts import audit
from coterie.accounts.models import Workspace
from coterie.accounts.permissions import Access
from coterie.jobs.models import RetentionRule
from coterie.jobs.retaining import Action, Cut, Found, Retained, edge, rule_of
from coterie.kit import clock
from coterie.kit.errors import Conflict, InvalidInput, NotFound
from coterie.kit.reasons import Reason
from coterie.people import holds
from coterie.privacy.classes import CLASSES

# So much more than was seen may go: people and events come and go while someone reads.
_MORE: Final = 10
_MORE_OF: Final = 10


class Standing(NamedTuple):
    """A class in a workspace: its own rule, the days and the action that hold, and what would go now."""

    kept: Retained
    rule: RetentionRule | None
    days: int | None
    action: Action
    now: Found | None


def overview(workspace: Workspace) -> list[Standing]:
    """Every class, with what would go now by the rule or the default."""
    return [standing(workspace, kept) for kept in CLASSES.values()]


def standing(workspace: Workspace, kept: Retained) -> Standing:
    """One class, with what would go now."""
    rule, days, action = in_force(workspace, kept)
    return Standing(kept, rule, days, action, look(workspace, kept, days, action) if days is not None else None)


def in_force(workspace: Workspace, kept: Retained) -> tuple[RetentionRule | None, int | None, Action]:
    """The rule if there is one, for how many days the class is kept (None for ever), and what becomes of it then."""
    rule = rule_of(workspace, kept)
    if rule is None:
        return None, kept.default(), kept.actions[0]
    return rule, rule.days, cast(Action, rule.action)


def look(workspace: Workspace, kept: Retained, days: int, action: Action) -> Found:
    """What would go now if a class were kept for so many days; changes nothing."""
    return kept.source.look(Cut(workspace, edge(days), holds.held(workspace), action))


def preview(workspace: Workspace, name: str, *, days: int, action: str | None) -> tuple[Retained, Action, Found]:
    """A class, the action and what a rule would remove now; NotFound and InvalidInput as for `set_rule`."""
    kept = class_of(name)
    chosen = _action(kept, action)
    return kept, chosen, look(workspace, kept, days, chosen)


def set_rule(access: Access, name: str, *, days: int, action: str | None, seen: int) -> Standing:
    """Keep a class for so many days from now on. `seen` is how much the preview said would go.

    NotFound when there is no such class, InvalidInput when it has no such action, Conflict when more would go by now
    than was seen (a tenth more, or ten where that is more).
    """
    workspace = access.workspace
    kept, chosen, found = preview(workspace, name, days=days, action=action)
    if found.rows > seen + max(_MORE, seen // _MORE_OF):
        raise Conflict(
            f"{found.rows:,} entries would go by now, and {seen:,} were seen. Look again.",
            code="preview_changed",
            details={"rows": found.rows, "seen": seen},
        )
    with transaction.atomic():
        values = {"days": days, "action": chosen, "by": access.actor.name, "at": clock.now()}
        RetentionRule.objects.of(workspace).update_or_create(workspace=workspace, name=name, defaults=values)
        kept.follow(workspace, days)
        audit.record(
            access.actor,
            "retention.set",
            workspace=workspace,
            details={"class": name, "days": days, "action": chosen, "rows": found.rows},
        )
    return standing(workspace, kept)


@transaction.atomic
def drop_rule(access: Access, name: str) -> None:
    """Go back to the default; NotFound when the workspace has no rule for the class."""
    kept = class_of(name)
    if not RetentionRule.objects.of(access.workspace).filter(name=name).delete()[0]:
        raise NotFound("There is no rule for this class.", code="no_rule")
    default = kept.default()
    if default is not None:
        kept.follow(access.workspace, default)
    audit.record(access.actor, "retention.dropped", workspace=access.workspace, details={"class": name})


def class_of(name: str) -> Retained:
    """The class of that name; NotFound when there is none."""
    found = CLASSES.get(name)
    if found is None:
        raise NotFound(f"There is no class {name!r}.", code="class_not_found", details={"classes": list(CLASSES)})
    return found


def _action(kept: Retained, action: str | None) -> Action:
    if action is None:
        return kept.actions[0]
    for each in kept.actions:
        if each == action:
            return each
    raise InvalidInput(
        Reason(
            "not_kept_so",
            "{name} can't be kept that way: expected {actions}.",
            name=kept.name,
            actions=Reason.one_of(kept.actions),
        ),
        details={"field": "action", "actions": list(kept.actions)},
    )
