"""What the routes of privacy take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field

from coterie.accounts.holding import Holding
from coterie.kit.schemas import Body, Instant, Out
from coterie.people.schemas import Number
from coterie.privacy.models import Erasure


class EraseBody(Body):
    """Whom to erase."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": [42], "reason": "Request 2026-17"}]})

    people: list[Number] = Field(min_length=1, max_length=1_000)
    reason: str = Field(
        default="", max_length=200, description="A reference to the request. It stays: do not name the person."
    )


class AgainBody(Body):
    """An identity that may be known again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "email", "value": "gone@example.com"}]})

    kind: Annotated[str, Field(max_length=16, examples=["email"])]
    value: Annotated[str, Field(min_length=1, max_length=512, examples=["gone@example.com"])]


class ErasureOut(Out):
    """One erasure. `counts` says how much was removed, by table and kind of file."""

    id: str = Field(examples=["era_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    state: Literal["open", "done"]
    people: list[int] = Field(description="The numbers, with those of people merged into them.", examples=[[42, 57]])
    reason: str = Field(examples=["Request 2026-17"])
    by: str = Field(examples=["user:usr_01kb3z8m0v6x9k2q4r7t5w1y3n"])
    asked_at: Instant
    finished_at: Instant | None
    counts: dict[str, int] = Field(examples=[{"people_person": 2, "index.events": 31}])
    job: str | None = Field(description="The job that does it.", examples=["job_01kb3z8m0v6x9k2q4r7t5w1y3n"])

    @classmethod
    def of(cls, row: Erasure) -> Self:
        return cls(
            id=row.public_id,
            state=cast(Any, row.state),
            people=row.numbers,
            reason=row.reason,
            by=row.by,
            asked_at=row.asked_at,
            finished_at=row.finished_at,
            counts=row.counts,
            job=row.job.public_id if row.job is not None else None,
        )


class ErasurePage(Out):
    """Erasures, newest first."""

    items: list[ErasureOut]
    next: str | None


class CertificateOut(Out):
    """A signed statement; `coterie privacy verify` checks one without the installation."""

    statement: dict[str, Any] = Field(
        description="Exactly what was signed: who was erased is not in it, only how many and what was removed.",
        examples=[{"erasure": "era_01kb3z8m0v6x9k2q4r7t5w1y3n", "people": 2}],
    )
    algorithm: str = Field(examples=["Ed25519"])
    public_key: str = Field(description="Base64 of 32 bytes.", examples=["MCowBQYDK2VwAyEA"])
    signature: str = Field(description="Base64, over the statement as canonical JSON.", examples=["c2lnbmF0dXJl"])


class HoldingOut(Out):
    """One table or kind of file, and what becomes of a person's part in it."""

    name: str = Field(examples=["people_note"])
    subject: Literal["person", "member", "nobody"]
    columns: dict[str, Literal["personal", "pseudonymous", "none"]] = Field(examples=[{"text": "personal"}])
    erased: str = Field(examples=["Removed."])
    copied: bool = Field(description="Whether a person's copy has it.")
    not_told: str = Field(description="Why not, if not.", examples=[""])

    @classmethod
    def of(cls, row: Holding) -> Self:
        return cls(
            name=row.name,
            subject=row.subject,
            columns={name: kind.value for name, kind in row.columns.items()},
            erased=row.erased,
            copied=row.read is not None,
            not_told=row.not_told,
        )


class RegisterOut(Out):
    """Everything that is kept."""

    items: list[HoldingOut]
