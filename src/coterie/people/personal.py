"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import Q

from coterie.accounts.holding import Holding, Row, columns
from coterie.accounts.permissions import Access
from coterie.kit import clock
from coterie.people.models import Identity, MergeRecord, MergeSuggestion, Note, Person, RejectedValue


def _values(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    for person in Person.objects.of(access.workspace).filter(number__in=numbers).order_by("number"):
        for field, value in person.data.items():
            yield {"person": person.number, "field": field, "value": value, **_origin(person.origins.get(field))}
        yield {"person": person.number, "field": "created_at", "value": clock.iso(person.created_at), **_origin(None)}


def _origin(origin: Sequence[Any] | None) -> Row:
    kind, _ref, at = (*(origin or ()), None, None, None)[:3]
    # Which member or key it was says nothing about the person.
    return {"from": kind, "set_at": clock.iso(clock.from_ms(at)) if isinstance(at, int) else None}


def _identities(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    for row in Identity.objects.of(access.workspace).filter(number__in=numbers).order_by("kind", "value"):
        yield {"kind": row.kind, "value": row.value, "since": clock.iso(row.created_at), "from": row.origin}


def _rejected(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    for row in RejectedValue.objects.of(access.workspace).filter(number__in=numbers).order_by("key"):
        yield {"field": row.key, "value": row.raw, "reason": row.reason, "at": clock.iso(row.at)}


def _notes(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    for row in Note.objects.of(access.workspace).filter(number__in=numbers, deleted_at=None).order_by("created_at"):
        yield {"at": clock.iso(row.created_at), "text": row.text}


def _merges(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    about = Q(survivor__in=numbers) | Q(merged__in=numbers)
    for row in MergeRecord.objects.of(access.workspace).filter(about).order_by("pk"):
        before = {who: row.snapshot.get(who, {}) for who in ("survivor", "merged")}
        yield {
            "at": clock.iso(row.at),
            "survivor": row.survivor,
            "merged": row.merged,
            "undone_at": clock.iso(row.undone_at) if row.undone_at else None,
            "before": {
                who: {"values": was.get("data"), "identities": was.get("identities")} for who, was in before.items()
            },
        }


def _suggestions(access: Access, numbers: Sequence[int]) -> Iterable[Row]:
    about = Q(a__in=numbers) | Q(b__in=numbers)
    for row in MergeSuggestion.objects.of(access.workspace).filter(about).order_by("pk"):
        # The other one of the two is somebody else, until someone says otherwise.
        yield {"at": clock.iso(row.at), "reason": row.reason, "score": row.score, "state": row.state}


HOLDINGS: Final = (
    Holding(
        "people_person",
        "person",
        columns(
            personal="data origins",
            pseudonymous="number merged_into created_at",
            none="id workspace updated_at seq state",
        ),
        erased="Emptied. The number stays, with nothing, so that it is never given to someone else.",
        read=_values,
    ),
    Holding(
        "people_identity",
        "person",
        columns(personal="kind value created_at origin", pseudonymous="number", none="id workspace"),
        erased="Removed. A keyed hash of each stays as a tombstone.",
        read=_identities,
    ),
    Holding(
        "people_tombstone",
        "person",
        columns(pseudonymous="digest", none="id workspace erasure at"),
        erased="Made by an erasure: a hash with the installation's key, which stops what still comes of the person.",
    ),
    Holding(
        "people_rejectedvalue",
        "person",
        columns(personal="key value reason code details at origin", pseudonymous="number", none="id workspace"),
        erased="Removed.",
        read=_rejected,
    ),
    Holding(
        "people_note",
        "person",
        columns(
            personal="text",
            pseudonymous="number author by",
            none="id workspace public_id pinned created_at edited_at deleted_at",
        ),
        erased="Removed.",
        read=_notes,
    ),
    Holding(
        "people_mergerecord",
        "person",
        columns(personal="snapshot", pseudonymous="survivor merged origin", none="id workspace at undone_at"),
        erased="Removed.",
        read=_merges,
    ),
    Holding(
        "people_mergesuggestion",
        "person",
        columns(personal="reason code details score", pseudonymous="a b", none="id workspace at state"),
        erased="Removed.",
        read=_suggestions,
        kept="As long as both people: what was dismissed is not suggested again.",
    ),
    Holding(
        "people_change",
        "person",
        columns(personal="body", none="id workspace seq at kind"),
        erased="The person's events are taken out of every entry; what is left names numbers.",
        not_told="The log from which the index is made; the events in it are those of index.events.",
    ),
    Holding(
        "people_legalhold",
        "person",
        columns(pseudonymous="number by", none="id workspace public_id reason until at"),
        erased="Stays until it is taken away: a number. Nobody is erased while it stands.",
    ),
    Holding(
        "people_attribute",
        "nobody",
        columns(
            none="id workspace key label type other_type description position visible protected allowed created_at "
            "deleted_at"
        ),
    ),
    Holding("people_fieldsetting", "nobody", columns(none="id workspace field label visible position")),
    Holding("people_eventname", "nobody", columns(none="id workspace name first_seen last_seen count")),
    Holding("people_eventproperty", "nobody", columns(none="id workspace name type")),
    Holding(
        "people_workspacelog", "nobody", columns(none="id workspace head_seq pruned_seq next_number has_tombstones")
    ),
)
