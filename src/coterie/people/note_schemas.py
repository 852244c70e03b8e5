"""What the routes of notes take and give."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from coterie.kit.schemas import Body, Instant, Out
from coterie.people.models import Note

NoteText = Annotated[str, Field(min_length=1, max_length=10_000, examples=["Prefers to be called in the morning."])]


class NoteBody(Body):
    """A note on a person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Prefers to be called in the morning.", "pinned": True}]}
    )

    text: NoteText
    pinned: bool = False


class NoteChange(Body):
    """What to change about a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pinned": True}]})

    text: NoteText | None = None
    pinned: bool | None = None


class NoteOut(Out):
    """A note with its author: a user's name, or the id of a key."""

    id: str = Field(examples=["note_01jd3x5vq8w2k6m4n9p7r1s0ta"])
    text: str
    pinned: bool
    author: str = Field(examples=["Ann Example"])
    by: str = Field(description="The author's id.", examples=["user:usr_01jd3x5vq8w2k6m4n9p7r1s0ta"])
    person: int = Field(description="The person it was written about, before merges.", examples=[42])
    created_at: Instant
    edited_at: Instant | None

    @classmethod
    def of(cls, row: Note) -> Self:
        author = (row.author.name or row.author.email) if row.author else row.by
        return cls(
            id=row.public_id,
            text=row.text,
            pinned=row.pinned,
            author=author,
            by=row.by,
            person=row.number,
            created_at=row.created_at,
            edited_at=row.edited_at,
        )


class NotesOut(Out):
    """All notes on a person, pinned ones first, then the newest first."""

    items: list[NoteOut]
