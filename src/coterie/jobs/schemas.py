"""What the routes of jobs take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field

from coterie.jobs import kinds, wording
from coterie.jobs.models import Job, Notification, StoredFile
from coterie.jobs.queries import Progress
from coterie.kit.schemas import Body, ErrorBody, Instant, Out

State = Literal["queued", "running", "done", "failed", "cancelled"]
JobId = Annotated[str, Field(examples=["job_01kb3z8m0v6x9k2q4r7t5w1y3n"])]

Code = Annotated[
    str,
    Field(
        description="The title for programs, by which it can be said in other languages; empty for older jobs.",
        examples=["rehearsal"],
    ),
]
Details = Annotated[
    dict[str, Any],
    Field(
        description="What stands in the title: text, numbers, or the title of another job with its own code.",
        examples=[{"name": "people.csv"}],
    ),
]


def failure_of(row: Job) -> ErrorBody | None:
    """Why a job failed, as an answer would tell the error; None where it did not, or before its parts were kept."""
    return ErrorBody(**row.failure) if row.failure else None


class ProgressOut(Out):
    """How far a job is: `done` of `total` (null: not known yet), `rate` per second, seconds left as far as known."""

    done: int = Field(examples=[12000])
    total: int | None = Field(examples=[50000])
    rate: float = Field(examples=[4100.5])
    seconds_left: int | None = Field(examples=[9])

    @classmethod
    def of(cls, progress: Progress) -> Self:
        return cls(done=progress.done, total=progress.total, rate=progress.rate, seconds_left=progress.seconds_left)


class FileOut(Out):
    """A file that a job has made. `expires_at` null: it stays."""

    id: str = Field(examples=["file_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    name: str = Field(examples=["people.csv"])
    purpose: str = Field(examples=["export"])
    size: int = Field(description="Bytes.", examples=[48213])
    expires_at: Instant | None

    @classmethod
    def of(cls, row: StoredFile) -> Self:
        return cls(id=row.public_id, name=row.name, purpose=row.purpose, size=row.size, expires_at=row.expires_at)


class JobOut(Out):
    """A long task. `result` depends on the kind; `counts` in it are what it did so far."""

    id: JobId
    kind: str = Field(examples=["import.rehearse"])
    title: str = Field(examples=["Rehearsal of people.csv"])
    title_code: Code
    title_details: Details
    about: str = Field(
        description="The id of what it works on, such as an import; empty where it stands alone.",
        examples=["imp_01kb3z8m0v6x9k2q4r7t5w1y3n"],
    )
    state: State
    phase: str = Field(description="What it does now, in English.", examples=["Going through the rows"])
    phase_code: str = Field(description="The phase for programs; empty where it has none.", examples=["rows"])
    unit: str = Field(examples=["rows"])
    progress: ProgressOut
    result: dict[str, Any] = Field(examples=[{"counts": {"created": 120, "updated": 14}}])
    error: str = Field(description="Why it failed; empty when it did not.", examples=[""])
    failure: ErrorBody | None = Field(description="The error in parts, where they are known.")
    cancelling: bool = Field(description="It was asked to stop and does so at its next checkpoint.")
    by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    attempts: int = Field(description="How often a process ended while it ran.")
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    heartbeat_at: Instant | None
    files: list[FileOut]

    @classmethod
    def of(cls, row: Job, progress: Progress, files: list[StoredFile]) -> Self:
        return cls(
            id=row.public_id,
            kind=row.kind,
            title=row.title,
            title_code=row.title_code,
            title_details=row.title_details,
            about=kinds.about(row),
            state=cast(State, row.state),
            phase=wording.phase(row),
            phase_code=row.phase if row.phase in wording.codes("phase") else "",
            unit=row.unit,
            progress=ProgressOut.of(progress),
            result=row.result,
            error=row.error,
            failure=failure_of(row),
            cancelling=row.cancel_at is not None and row.finished_at is None,
            by=row.by,
            attempts=row.attempts,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            heartbeat_at=row.heartbeat_at,
            files=[FileOut.of(file) for file in files],
        )


class JobPage(Out):
    """Jobs, newest first."""

    items: list[JobOut]
    next: str | None


class NotificationOut(Out):
    """What you are told about the end of a job of yours."""

    id: str = Field(examples=["ntf_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    job: JobId
    kind: str = Field(examples=["export"])
    title: str = Field(examples=["Import of people.csv"])
    title_code: Code
    title_details: Details
    state: State = Field(description="How the job ended.")
    text: str = Field(examples=["Import of people.csv is done"])
    at: Instant
    read_at: Instant | None

    @classmethod
    def of(cls, row: Notification) -> Self:
        return cls(
            id=row.public_id,
            job=row.job.public_id,
            kind=row.job.kind,
            title=row.job.title,
            title_code=row.job.title_code,
            title_details=row.job.title_details,
            state=cast(State, row.state or row.job.state),
            text=row.text,
            at=row.created_at,
            read_at=row.read_at,
        )


class NotificationList(Out):
    """Notifications, newest first."""

    items: list[NotificationOut]


class ReadBody(Body):
    """Which notifications were read; without a list all are."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"notifications": ["ntf_01kb3z8m0v6x9k2q4r7t5w1y3n"]}]}
    )

    notifications: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=500)] | None = None


class ReadOut(Out):
    """How many were marked as read now."""

    read: int = Field(examples=[2])
