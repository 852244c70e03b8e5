"""Routes of people, attributes and fields."""

from typing import Annotated

from ninja import Path, Query, Status

from coterie.accounts.permissions import ApiRequest
from coterie.accounts.routes import Routes
from coterie.filters.fields import FieldType
from coterie.kit import pagination
from coterie.people import actions, note_schemas, notes, queries, retyping, schemas
from coterie.people.field_order import Placed, set_order
from coterie.people.origins import origin_of

routes = Routes("people")

PersonNumber = Annotated[int, Path(ge=1, le=0xFFFFFFFF, description="The person's number.", examples=[42])]
AttributeId = Annotated[int, Path(ge=1, le=2**62, description="The attribute's id.", examples=[7])]
Cursor = Annotated[str | None, Query(None, max_length=4096, description="`next` of the page before.")]
Limit = Annotated[int, Query(50, ge=1, le=200)]
KeyFilter = Annotated[str | None, Query(None, max_length=200, description="Only values for this field.")]

PEOPLE = "/workspaces/{slug}/people"
ATTRIBUTES = "/workspaces/{slug}/attributes"


@routes.post(PEOPLE, permission="people:write", status=201, response=schemas.PersonCreatedOut)
def create_person(request: ApiRequest, slug: str, body: schemas.PersonBody) -> Status[schemas.PersonCreatedOut]:
    """Create a person by hand; 409 with the existing person's number when an identity is taken.

    With `shared`, an email or phone that somebody has is kept as a value and named in `warnings`. Who else may be the
    same person is told by `POST people/candidates`.
    """
    access = request.access
    outcome = actions.create_person(
        access.workspace,
        values=body.set,
        names=[(identity.kind, identity.value) for identity in body.identities],
        tags=body.tags,
        origin=origin_of(access),
        actor=access.actor,
        names_holders=access.may("people:read"),
        shared=body.shared,
    )
    return Status(201, schemas.PersonCreatedOut.after(outcome, names_holders=access.may("people:read")))


@routes.post(f"{PEOPLE}/merge", permission="people:write", response=schemas.NumberOut)
def merge_people(request: ApiRequest, slug: str, body: schemas.MergeBody) -> schemas.NumberOut:
    """Merge two people into one; answers with the survivor's number."""
    access = request.access
    one, two = body.people
    number = actions.merge_people(access.workspace, one, two, origin=origin_of(access), actor=access.actor)
    return schemas.NumberOut(number=number)


@routes.get(f"{PEOPLE}/{{int:number}}", permission="people:read", response=schemas.PersonOut)
def read_person(request: ApiRequest, slug: str, number: PersonNumber) -> schemas.PersonOut:
    """The whole profile of a person; of the survivor when the person was merged."""
    return schemas.PersonOut.of(queries.profile(request.access.workspace, number))


@routes.patch(f"{PEOPLE}/{{int:number}}", permission="people:write", response=schemas.PersonChangedOut)
def change_person(
    request: ApiRequest, slug: str, number: PersonNumber, body: schemas.PersonChange
) -> schemas.PersonChangedOut:
    """Set and clear fields, add and remove tags; 400 with a reason per field, and no change, when any is wrong.

    Fields that the system sets, such as `created_at` and `last_seen`, can't be changed. An email or phone that is
    another person's is kept as a value and named in `warnings`; a user id that is another person's is refused.
    """
    access = request.access
    sees = access.may("people:read")
    outcome = actions.update_person(
        access.workspace,
        number,
        values=body.set,
        clear=body.clear,
        add_tags=body.add_tags,
        remove_tags=body.remove_tags,
        origin=origin_of(access),
        actor=access.actor,
        names_holders=sees,
    )
    profile = queries.profile(access.workspace, outcome.number or number)
    return schemas.PersonChangedOut.after(profile, outcome, names_holders=sees)


@routes.delete(f"{PEOPLE}/{{int:number}}", permission="people:delete", status=204, response=None)
def delete_person(request: ApiRequest, slug: str, number: PersonNumber) -> Status[None]:
    """Delete a person with all values and identities; the number is not used again."""
    access = request.access
    actions.delete_person(access.workspace, number, origin=origin_of(access), actor=access.actor)
    return Status(204, None)


@routes.post(f"{PEOPLE}/{{int:number}}/ban", permission="people:write", response=schemas.NumberOut)
def ban_person(request: ApiRequest, slug: str, number: PersonNumber) -> schemas.NumberOut:
    """Ban a person: they get no reply and no broadcast."""
    access = request.access
    banned = actions.ban_person(access.workspace, number, origin=origin_of(access), actor=access.actor)
    return schemas.NumberOut(number=banned)


@routes.post(f"{PEOPLE}/{{int:number}}/unban", permission="people:write", response=schemas.NumberOut)
def unban_person(request: ApiRequest, slug: str, number: PersonNumber) -> schemas.NumberOut:
    """Lift the ban of a person."""
    access = request.access
    unbanned = actions.unban_person(access.workspace, number, origin=origin_of(access), actor=access.actor)
    return schemas.NumberOut(number=unbanned)


@routes.get(f"{PEOPLE}/{{int:number}}/notes", permission="people:read", response=note_schemas.NotesOut)
def list_notes(request: ApiRequest, slug: str, number: PersonNumber) -> note_schemas.NotesOut:
    """The notes on a person, with those on people merged into them."""
    return note_schemas.NotesOut(items=[note_schemas.NoteOut.of(row) for row in notes.notes_of(request.access, number)])


@routes.post(f"{PEOPLE}/{{int:number}}/notes", permission="people:write", status=201, response=note_schemas.NoteOut)
def add_note(
    request: ApiRequest, slug: str, number: PersonNumber, body: note_schemas.NoteBody
) -> Status[note_schemas.NoteOut]:
    """Write a note on a person."""
    row = notes.add_note(request.access, number, text=body.text, pinned=body.pinned)
    return Status(201, note_schemas.NoteOut.of(row))


@routes.patch(f"{PEOPLE}/{{int:number}}/notes/{{note}}", permission="people:write", response=note_schemas.NoteOut)
def change_note(
    request: ApiRequest, slug: str, number: PersonNumber, note: str, body: note_schemas.NoteChange
) -> note_schemas.NoteOut:
    """Change the text of a note of your own, or pin one; admins and owners can change any."""
    row = notes.change_note(request.access, number, note, text=body.text, pinned=body.pinned)
    return note_schemas.NoteOut.of(row)


@routes.delete(f"{PEOPLE}/{{int:number}}/notes/{{note}}", permission="people:write", status=204, response=None)
def delete_note(request: ApiRequest, slug: str, number: PersonNumber, note: str) -> Status[None]:
    """Delete a note of your own; admins and owners can delete any."""
    notes.delete_note(request.access, number, note)
    return Status(204, None)


@routes.get("/workspaces/{slug}/fields", permission="people:read", response=list[schemas.FieldOut])
def list_fields(request: ApiRequest, slug: str) -> list[schemas.FieldOut]:
    """All fields, built-in ones first, in the order in which they are shown."""
    return [schemas.FieldOut.of(row) for row in queries.shown_fields(request.access.workspace)]


@routes.get("/workspaces/{slug}/fields/order", permission="people:read", response=list[schemas.FieldOut])
def field_order(request: ApiRequest, slug: str) -> list[schemas.FieldOut]:
    """The fields that are shown, in their order."""
    rows = queries.shown_fields(request.access.workspace)
    return [schemas.FieldOut.of(row) for row in rows if row.visible]


@routes.put("/workspaces/{slug}/fields/order", permission="attributes:write", response=list[schemas.FieldOut])
def set_field_order(request: ApiRequest, slug: str, body: schemas.FieldOrder) -> list[schemas.FieldOut]:
    """Put all fields into an order, show and hide them, and label them; answers with all fields."""
    workspace = request.access.workspace
    placed = [Placed(**each.model_dump()) for each in body.fields]
    set_order(workspace, placed, actor=request.access.actor)
    return [schemas.FieldOut.of(row) for row in queries.shown_fields(workspace)]


@routes.patch("/workspaces/{slug}/fields/{name}", permission="attributes:write", response=list[schemas.FieldOut])
def change_field(request: ApiRequest, slug: str, name: str, body: schemas.FieldChange) -> list[schemas.FieldOut]:
    """Change the label, the place and the visibility of a built-in field; answers with all fields."""
    workspace = request.access.workspace
    actions.set_field(workspace, name, label=body.label, visible=body.visible, position=body.position)
    return [schemas.FieldOut.of(row) for row in queries.shown_fields(workspace)]


@routes.get("/workspaces/{slug}/events/names", permission="events:read", response=schemas.EventCatalogueOut)
def list_event_names(request: ApiRequest, slug: str) -> schemas.EventCatalogueOut:
    """The kinds of event and the properties seen so far."""
    workspace = request.access.workspace
    return schemas.EventCatalogueOut(
        events=[
            schemas.EventNameOut(name=row.name, count=row.count, first_seen=row.first_seen, last_seen=row.last_seen)
            for row in queries.event_names(workspace)
        ],
        properties=[
            schemas.EventPropertyOut(name=row.name, type=FieldType(row.type))
            for row in queries.event_properties(workspace)
        ],
    )


@routes.get(ATTRIBUTES, permission="people:read", response=list[schemas.AttributeOut])
def list_attributes(request: ApiRequest, slug: str) -> list[schemas.AttributeOut]:
    """The attributes in the order in which they are shown."""
    rows = queries.shown_fields(request.access.workspace)
    return [schemas.AttributeOut.of(row.attribute) for row in rows if row.attribute is not None]


@routes.post(ATTRIBUTES, permission="attributes:write", status=201, response=schemas.AttributeOut)
def create_attribute(request: ApiRequest, slug: str, body: schemas.AttributeBody) -> Status[schemas.AttributeOut]:
    """Create an attribute, or restore a deleted one with its values."""
    access, said = request.access, body.model_dump(exclude={"allowed"})
    row = actions.create_attribute(access.workspace, actor=access.actor, limits=body.allowed, **said)
    return Status(201, schemas.AttributeOut.of(row))


@routes.get(f"{ATTRIBUTES}/rejected", permission="people:read", response=schemas.RejectedPageOut)
def list_rejected(
    request: ApiRequest, slug: str, key: KeyFilter = None, cursor: Cursor = None, limit: Limit = 50
) -> schemas.RejectedPageOut:
    """Values that were not taken, with the reasons, oldest first, and how many there are per key."""
    workspace = request.access.workspace
    rows = queries.rejected_page(workspace, key=key, after=_position(cursor), limit=limit)
    return schemas.RejectedPageOut(
        counts=[schemas.RejectedCountOut(key=name, people=count) for name, count in queries.rejected_counts(workspace)],
        values=[schemas.RejectedOut.of(row) for row in rows],
        next=pagination.encode({"after": rows[-1].pk}) if len(rows) == limit else None,
    )


@routes.post(f"{ATTRIBUTES}/rejected/reapply", permission="attributes:write", response=schemas.ReappliedOut)
def reapply_rejected(request: ApiRequest, slug: str, body: schemas.ReapplyBody) -> schemas.ReappliedOut:
    """Try the rejected values of a field again, after its type or protection was changed; `dry_run` only looks.

    More than 5,000 of them are tried by a job.
    """
    return schemas.ReappliedOut.of(retyping.reapply(request.access, body.key, dry_run=body.dry_run))


@routes.patch(f"{ATTRIBUTES}/{{int:attribute}}", permission="attributes:write", response=schemas.AttributeOut)
def change_attribute(
    request: ApiRequest, slug: str, attribute: AttributeId, body: schemas.AttributeChange
) -> schemas.AttributeOut:
    """Change the label, the description, the place, the visibility, the protection or the limits of an attribute."""
    access = request.access
    said = body.model_dump(exclude={"allowed"})
    row = actions.update_attribute(access.workspace, attribute, actor=access.actor, limits=body.allowed, **said)
    return schemas.AttributeOut.of(row)


@routes.post(f"{ATTRIBUTES}/{{int:attribute}}/type", permission="attributes:write", response=schemas.TypeReportOut)
def change_attribute_type(
    request: ApiRequest, slug: str, attribute: AttributeId, body: schemas.TypeBody
) -> schemas.TypeReportOut:
    """Change the type of an attribute, or with `dry_run` say what would not convert.

    Where there are more than 5,000 people either is a job. The change then names the job that has looked
    (`rehearsal`), and until it is done filters see every value, under the old type and then under the new one.
    """
    report = retyping.change_type(request.access, attribute, body.type, dry_run=body.dry_run, rehearsal=body.rehearsal)
    return schemas.TypeReportOut.of(report)


@routes.delete(f"{ATTRIBUTES}/{{int:attribute}}", permission="attributes:write", status=204, response=None)
def delete_attribute(request: ApiRequest, slug: str, attribute: AttributeId) -> Status[None]:
    """Delete an attribute; filters on it match nobody from now on. Creating it again brings its values back."""
    actions.delete_attribute(request.access.workspace, attribute, actor=request.access.actor)
    return Status(204, None)


def _position(cursor: str | None) -> int:
    return pagination.number(pagination.decode(cursor), "after", most=2**62) if cursor else 0
