"""What the routes of imports and exports take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field

from coterie.audience.schemas import FilterBody
from coterie.filters.fields import FieldType
from coterie.kit import reasons
from coterie.kit.schemas import Body, Instant, Out, WhyOut
from coterie.people.schemas import Number
from coterie.segments.visibility import UNSEEN
from coterie.transfers import ledger
from coterie.transfers.models import Import, ImportRow, RowOutcome
from coterie.transfers.plan import ImportPlan, read_plan

Outcome = Literal["created", "updated", "unchanged", "skipped", "duplicate", "rejected", "restored", "kept"]
WhichPhase = Literal["rehearsal", "run", "undo"]


class SuggestionOfColumnOut(Out):
    """The field that a column may be; with `exists` false, a new attribute of that key and type."""

    field: str = Field(examples=["email"])
    type: FieldType
    exists: bool
    why: str = Field(examples=["the name"])


class FileColumnOut(Out):
    """A column of the file, told from its first 1,000 rows."""

    place: int = Field(description="From 1.", examples=[1])
    header: str = Field(examples=["E-Mail"])
    samples: list[str] = Field(examples=[["ada@example.org"]])
    filled: int = Field(description="Cells that are not empty, of those looked at.", examples=[998])
    distinct: int = Field(examples=[998])
    types: dict[str, float] = Field(
        description="The share of these cells that fit each type, 0 to 1.", examples=[{"text": 1.0, "email": 0.99}]
    )
    date_order: Literal["ymd", "dmy", "mdy"]
    decimal: Literal[".", ","]
    suggestion: SuggestionOfColumnOut | None


class PreviewRowOut(Out):
    """A row as it stands in the file; long cells and wide rows are cut."""

    row: int = Field(description="What `header_row` calls it.", examples=[1])
    cells: list[str] = Field(examples=[["E-Mail", "Name"]])


class ImportOut(Out):
    """An import: what was found in the file, the plan, and its jobs."""

    id: str = Field(examples=["imp_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    name: str = Field(examples=["people.csv"])
    format: Literal["text", "sheet"]
    size: int = Field(description="Bytes.", examples=[48213])
    state: Literal["uploaded", "planned", "rehearsed", "running", "done", "failed", "undone"]
    sheets: list[str] = Field(examples=[["Customers"]])
    sheet: str
    encoding: str = Field(examples=["utf-8"])
    delimiter: str = Field(examples=[","])
    header_row: int = Field(examples=[1])
    preview: list[PreviewRowOut] = Field(description="The first rows of the file, also those above the header.")
    columns: list[FileColumnOut]
    key: str = Field(description="The field that may tell who is who; empty when none does.", examples=["email"])
    plan: ImportPlan | None
    rehearsal: str | None = Field(description="The id of the latest rehearsal's job.")
    run: str | None = Field(description="The id of the run's job.")
    undo: str | None = Field(description="The id of the undo's job.")
    counts: dict[str, int] = Field(
        description="Rows by outcome, of the latest job. With segments in the plan, `would_join` of a rehearsal and "
        "`added_to_segments` of a run are how many people, of all segments.",
        examples=[{"created": 120, "updated": 14, "rejected": 2}],
    )
    by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    created_at: Instant

    @classmethod
    def of(cls, row: Import, names: Mapping[str, str]) -> Self:
        """For a caller who sees the segments in `names`: those of the plan that are hidden can't be told apart."""
        found = row.found
        latest = row.undo or row.run or row.rehearsal
        return cls(
            id=row.public_id,
            name=row.name,
            format="sheet" if row.format == "sheet" else "text",
            size=row.upload.size,
            state=state_of(row),
            sheets=found.get("sheets", []),
            sheet=found.get("sheet", ""),
            encoding=found.get("encoding", ""),
            delimiter=found.get("delimiter", ""),
            header_row=found.get("header_row", 0),
            preview=found.get("preview", []),
            columns=found.get("looked_at", []),
            key=found.get("key", ""),
            plan=_plan_shown(row, names),
            rehearsal=row.rehearsal.public_id if row.rehearsal else None,
            run=row.run.public_id if row.run else None,
            undo=row.undo.public_id if row.undo else None,
            counts=latest.result.get("counts", {}) if latest else {},
            by=row.by,
            created_at=row.created_at,
        )


def _plan_shown(row: Import, names: Mapping[str, str]) -> ImportPlan | None:
    if row.plan is None:
        return None
    plan = read_plan(row.plan)
    return plan.model_copy(update={"segments": [one if one in names else UNSEEN for one in plan.segments]})


def state_of(
    row: Import,
) -> Literal["uploaded", "planned", "rehearsed", "running", "done", "failed", "undone"]:
    """How far an import is."""
    if row.undo is not None and row.undo.state == "done":
        return "undone"
    for job in (row.undo, row.run):
        if job is not None:
            if job.state in ("queued", "running"):
                return "running"
            return "done" if row.run is not None and row.run.state == "done" else "failed"
    if row.rehearsal is not None and row.rehearsal.state == "done":
        fresh = row.planned_at is None or row.rehearsal.created_at >= row.planned_at
        return "rehearsed" if fresh else "planned"
    return "planned" if row.plan is not None else "uploaded"


class ImportPage(Out):
    """Imports, newest first."""

    items: list[ImportOut]
    next: str | None


class LayoutBody(Body):
    """How to look at the file; what is left out is detected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"header_row": 1, "encoding": "utf-8"}]})

    sheet: Annotated[str, Field(max_length=200)] = ""
    header_row: Annotated[int, Field(ge=0, le=1_000)] | None = None
    encoding: Annotated[str, Field(max_length=20)] = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""


Columns = Annotated[list[Annotated[str, Field(max_length=400)]], Field(max_length=1_000)]


class ExportBody(FilterBody):
    """Whom and what to export: numbers, a filter, a segment, or everyone; the columns in their order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"where": "everyone", "columns": ["number", "name", "email"], "format": "csv"},
                {"numbers": [1, 2], "format": "xlsx"},
            ]
        },
        populate_by_name=True,
    )

    numbers: Annotated[list[Number], Field(max_length=1_000_000)] | None = None
    segment: Annotated[str, Field(max_length=40, description="The id of a segment.")] = ""
    without: Annotated[list[Number], Field(max_length=10_000)] = Field(
        default=[], alias="except", description="Numbers of people who are left out."
    )
    columns: Columns = Field(
        default=[], description="Fields in their order, and `number`; without any, all that are shown."
    )
    format: Literal["csv", "xlsx"] = "csv"
    name: Annotated[str, Field(max_length=120)] = Field("", description="The file's name without its ending.")


class ProblemOut(WhyOut):
    """A value of a row that can't be taken, and why."""

    field: str = Field(examples=["email"])
    cell: str = Field(examples=["x"])


class ImportRowOut(WhyOut):
    """What became, or would become, of a row; `reason` says why it was rejected, skipped or kept, where it was."""

    line: int = Field(description="The line of the file, or the row of the sheet.", examples=[2])
    outcome: Outcome
    number: int | None = Field(description="The person, when they are there.", examples=[42])
    changes: dict[str, list[Any]] = Field(
        description="Old and new value of each field that changes.", examples=[{"city": ["Rome", "Milan"]}]
    )
    problems: list[ProblemOut] = Field(description="Values that can't be taken.")
    warnings: list[WhyOut]
    cells: list[str] | None = Field(description="The row as it was, where it has problems.")
    of: int | None = Field(description="The line that had the same person first.", examples=[None])

    @classmethod
    def of_row(cls, row: ImportRow) -> Self:
        told = ledger.told(row)
        return cls(
            line=row.line,
            outcome=cast(Outcome, RowOutcome(row.outcome).name.lower()),
            number=row.number,
            changes=told.get("kept", told.get("changes", {})),
            problems=[ProblemOut(**each) for each in told.get("problems", ())],
            warnings=[WhyOut(**each) for each in told.get("warnings", ())],
            cells=told.get("cells"),
            of=told.get("of"),
            **told.get("reason", reasons.told("")),
        )


class ImportRowPage(Out):
    """Rows in the file's order."""

    items: list[ImportRowOut]
    next: str | None
