"""Routes of merging: who may be the same, comparing, merging with choices, the journal, undoing."""

from typing import Annotated

from ninja import Path, Query

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.kit import pagination
from coterie.people import actions, comparing, journal, merge_schemas, suggestions
from coterie.people.api import PEOPLE, Cursor, Limit, PersonNumber
from coterie.people.origins import origin_of

routes = Routes("merging")

SUGGESTIONS = f"{PEOPLE}/merge-suggestions"
SuggestionId = Annotated[int, Path(ge=1, le=2**62, description="The suggestion's id.", examples=[17])]
MergeId = Annotated[int, Path(ge=1, le=2**62, description="The merge's id.", examples=[17])]
About = Annotated[int | None, Query(ge=1, le=0xFFFFFFFF, description="Only those about this person.", examples=[42])]


@routes.get(SUGGESTIONS, permission="people:read", response=merge_schemas.MergeSuggestionPage)
def list_suggestions(
    request: ApiRequest,
    slug: str,
    state: merge_schemas.WhichState = "open",
    person: About = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> merge_schemas.MergeSuggestionPage:
    """People who may be the same, the likeliest first: by email, phone, or a like name in the same country.

    Those who share an email or phone are noticed when it is written; `POST people/merge-suggestions/find` looks
    through everyone.
    """
    after = None
    if cursor:
        place = pagination.decode(cursor)
        after = (pagination.number(place, "score", most=100), pagination.number(place, "after", most=2**62))
    found = suggestions.suggestions_page(
        request.access.workspace, state=state, number=person, after=after, limit=limit + 1
    )
    more, found = len(found) > limit, found[:limit]
    last = {"score": found[-1].row.score, "after": found[-1].row.pk} if more else None
    items = [merge_schemas.MergeSuggestionOut.of(each) for each in found]
    return merge_schemas.MergeSuggestionPage(items=items, next=pagination.encode(last) if last else None)


@routes.post(
    f"{SUGGESTIONS}/{{int:suggestion}}/dismiss",
    permission="people:write",
    response=merge_schemas.MergeSuggestionOut,
)
def dismiss_suggestion(request: ApiRequest, slug: str, suggestion: SuggestionId) -> merge_schemas.MergeSuggestionOut:
    """Remember that two people are not the same: they are not suggested again."""
    row = suggestions.dismiss(request.access, suggestion)
    return merge_schemas.MergeSuggestionOut.of(suggestions.suggested(request.access, row))


@routes.post(
    f"{SUGGESTIONS}/{{int:suggestion}}/reopen",
    permission="people:write",
    response=merge_schemas.MergeSuggestionOut,
)
def reopen_suggestion(request: ApiRequest, slug: str, suggestion: SuggestionId) -> merge_schemas.MergeSuggestionOut:
    """Take back that two people are not the same."""
    row = suggestions.reopen(request.access, suggestion)
    return merge_schemas.MergeSuggestionOut.of(suggestions.suggested(request.access, row))


@routes.post(f"{PEOPLE}/{{int:number}}/merge/preview", permission="people:read", response=merge_schemas.MergePreviewOut)
def preview_merge(
    request: ApiRequest, slug: str, number: PersonNumber, body: merge_schemas.MergeWithBody
) -> merge_schemas.MergePreviewOut:
    """Two people side by side, with where each value came from, and what a merge would leave; nothing is changed."""
    found = comparing.compare_people(request.access.workspace, number, body.other)
    return merge_schemas.MergePreviewOut.of(found)


@routes.post(f"{PEOPLE}/{{int:number}}/merge", permission="people:write", response=merge_schemas.MergedOut)
def merge_with(
    request: ApiRequest, slug: str, number: PersonNumber, body: merge_schemas.MergeChoicesBody
) -> merge_schemas.MergedOut:
    """Merge a person with another, with a choice for each field; it can be undone with `merges/{merge}/unmerge`.

    Identities, values, tags, memberships of static segments, notes and events follow to the survivor.
    """
    access = request.access
    row = journal.merge_with_choices(access, number, body.other, body.choices, origin=origin_of(access))
    return merge_schemas.MergedOut(number=row.survivor, merged=row.merged, merge=row.pk)


@routes.get("/workspaces/{slug}/merges", permission="people:read", response=merge_schemas.MergePage)
def list_merges(
    request: ApiRequest, slug: str, person: About = None, cursor: Cursor = None, limit: Limit = 50
) -> merge_schemas.MergePage:
    """Merges, newest first, by members, programs and tracking, and whether each can be undone."""
    before = pagination.number(pagination.decode(cursor), "before", most=2**62) if cursor else None
    found = journal.merges_page(request.access.workspace, number=person, before=before, limit=limit + 1)
    place = pagination.encode({"before": found[limit - 1].row.pk}) if len(found) > limit else None
    return merge_schemas.MergePage(items=[merge_schemas.MergeOut.of(each) for each in found[:limit]], next=place)


@routes.post(
    "/workspaces/{slug}/merges/{int:merge}/unmerge", permission="people:write", response=merge_schemas.UnmergedOut
)
def unmerge(request: ApiRequest, slug: str, merge: MergeId) -> merge_schemas.UnmergedOut:
    """Undo a merge: the other person is there again, with all that was theirs.

    What was changed since stays with the survivor; where both had a value, the change is a conflict and told.
    """
    access = request.access
    done = actions.unmerge_people(access.workspace, merge, origin=origin_of(access), actor=access.actor)
    return merge_schemas.UnmergedOut.of(done)
