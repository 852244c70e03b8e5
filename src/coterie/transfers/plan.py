"""What an import is to do: which column is which field, who is who, and what happens to whom."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from coterie.filters.fields import FieldType
from coterie.kit.schemas import Body

Place = Annotated[int, Field(ge=1, le=1_000, description="The column's place, from 1.", examples=[1])]
FieldKey = Annotated[str, Field(min_length=1, max_length=400, examples=["email"])]
Tag = Annotated[str, Field(min_length=1, max_length=200)]
CHANNELS: Final = ("email", "sms", "whatsapp", "messenger", "telegram", "voice", "webchat")


class PlanColumn(Body):
    """One column of the file: the field that it goes to, and how its cells are written.

    `type` makes a new attribute of that type where there is no such field; `label` is what it is called.
    """

    column: Place
    field: FieldKey
    type: FieldType | None = None
    label: Annotated[str, Field(max_length=200)] = ""
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    decimal: Literal[".", ","] = "."


class PlanConsent(Body):
    """Consent to be written to on a channel: of everyone in the file, or as a column says, with where it came from."""

    channel: Literal["email", "sms", "whatsapp", "messenger", "telegram", "voice", "webchat"]
    source: Annotated[str, Field(min_length=1, max_length=200, examples=["Sign-up form, January 2026"])]
    column: Place | None = Field(None, description="A column of yes and no; without one, everyone has agreed.")


class ImportPlan(Body):
    """How a file is read and what is done with it.

    `existing` is about people who are known by the key: `update` sets what the file has, `fill` only what is empty,
    `tags` only adds tags, `skip` leaves them. `missing` is about the others.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "columns": [
                        {"column": 1, "field": "email"},
                        {"column": 2, "field": "name"},
                        {"column": 3, "field": "plan", "type": "text", "label": "Plan"},
                    ],
                    "key": "email",
                    "existing": "update",
                    "missing": "create",
                    "tags": ["imported"],
                }
            ]
        }
    )

    sheet: Annotated[str, Field(max_length=200)] = Field(
        "", description="The sheet of a spreadsheet; empty: the first."
    )
    header_row: Annotated[int, Field(ge=0, le=1_000)] = Field(
        1, description="The row that names the columns; rows above it are left out. 0: there is none."
    )
    encoding: Annotated[str, Field(max_length=20)] = Field("", description="Of a text file; empty: as detected.")
    delimiter: Literal["", ",", ";", "\t", "|"] = Field("", description="Of a text file; empty: as detected.")
    columns: Annotated[list[PlanColumn], Field(min_length=1, max_length=1_000)]
    key: Annotated[str, Field(max_length=20)] = Field(
        "", description="What tells who is who: a field of `columns`. Empty: every row makes a new person."
    )
    existing: Literal["update", "fill", "tags", "skip"] = "update"
    missing: Literal["create", "skip"] = "create"
    empty_cells: Literal["keep", "clear"] = Field("keep", description="What an empty cell does to a value there is.")
    bad_values: Literal["reject", "leave_out"] = Field(
        "reject", description="A value that can't be taken rejects its row, or only the value is left out."
    )
    duplicates: Literal["skip", "apply"] = Field(
        "skip", description="Rows about someone of whom the file had one already: skipped, or applied on top."
    )
    country: Annotated[str, Field(max_length=100)] = Field(
        "", description="Assumed for phone numbers without a country code; empty: that of the workspace's time zone."
    )
    list_delimiter: Annotated[str, Field(min_length=1, max_length=5)] = ";"
    tags: Annotated[list[Tag], Field(max_length=50)] = Field([], description="Put on everyone created or updated.")
    segments: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = Field(
        [], description="Static segments that they are put into."
    )
    consents: Annotated[list[PlanConsent], Field(max_length=7)] = []


def read_plan(stored: Any) -> ImportPlan:
    """A plan as it is stored with its import."""
    return ImportPlan.model_validate(stored)
