"""What becomes of a row: the one place that says so, for the rehearsal and for the run alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, Literal

import orjson

from coterie.accounts.models import Workspace
from coterie.filters.errors import Rejected
from coterie.filters.values import NO_VALUE
from coterie.kit.formulas import restored
from coterie.kit.reasons import Reason
from coterie.people import identities, queries
from coterie.people.actions import Origin, Outcome, PersonEdit
from coterie.people.edits import held_user_id
from coterie.people.fields import without_nul
from coterie.transfers import limits
from coterie.transfers.cells import FALSE, TRUE
from coterie.transfers.ledger import Entry
from coterie.transfers.models import RowOutcome
from coterie.transfers.names import NUMBER
from coterie.transfers.plan import ImportPlan
from coterie.transfers.reading import Row

_MOST_NUMBER: Final = 0xFFFFFFFF
_CONSENT: Final = Reason("no_consent", "consent is yes or no")
_EXISTS: Final = Reason("exists_already", "the person exists already")
_WITHDRAWN: Final = Reason("consent_withdrawn", "it was withdrawn, which a file does not change")
_HELD: Final = Reason("held_by_another", "another person has it; it was kept as a value")


@dataclass(frozen=True)
class Target:
    """Where the cells of a column go, and what makes the stored value of one; `plain` text is taken as it is."""

    place: int
    name: str
    read: Callable[[str], Any]
    plain: bool = False


@dataclass
class Read:
    """A row as its cells say, before anyone has looked who the person is."""

    row: Row
    key: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    clear: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)
    problems: list[tuple[str, str, Reason]] = field(default_factory=list)
    refused: Reason | None = None


@dataclass
class Decision:
    """What is to be done about a row: an edit, or an outcome that is certain already."""

    read: Read
    key: int | None = None
    other: int | None = None
    edit: PersonEdit | None = None
    outcome: RowOutcome | None = None
    details: dict[str, Any] = field(default_factory=dict)
    earlier: int | None = None


@dataclass(frozen=True)
class Reading:
    """A plan made ready for reading rows. `region` is assumed for phone numbers without a country code."""

    plan: ImportPlan
    targets: tuple[Target, ...]
    key: Target | None
    consents: tuple[tuple[str, int | None], ...]
    region: str | None
    source: str
    at: str

    def read(self, row: Row) -> Read:
        """The row's values, tags, key, and what can't be taken of it."""
        found = Read(row)
        cells = row.cells
        if len(cells) > limits.COLUMNS:
            found.refused = Reason("wide_row", "the row has {columns:,} columns", columns=len(cells))
            return found
        plain = _is_plain(cells)
        width, keep = len(cells), self.plan.empty_cells == "keep"
        for target in self.targets:
            cell = cells[target.place] if target.place < width else ""
            if not cell or cell.isspace():
                if not keep:
                    found.clear.append(target.name)
                continue
            self._take(found, target, cell, plain=plain)
        if self.key is not None:
            self._take_key(found, cells[self.key.place] if self.key.place < width else "")
        for channel, place in self.consents:
            self._take_consent(found, channel, "yes" if place is None else cells[place] if place < width else "")
        if found.problems and self.plan.bad_values == "reject":
            name, _, reason = found.problems[0]
            found.refused = reason.of(name)
        return found

    def _take(self, found: Read, target: Target, cell: str, *, plain: bool) -> None:
        if cell[0] == "'":
            cell = restored(cell)
        try:
            if not plain:
                check(cell)
            value = cell.strip() if target.plain and cell.isascii() else target.read(cell)
        except Rejected as rejected:
            found.problems.append((target.name, cell[:200], rejected.reason))
            return
        if value is NO_VALUE or value == []:
            return
        if target.name == "tags":
            found.tags.extend(value)
        else:
            found.values[target.name] = value

    def _take_key(self, found: Read, cell: str) -> None:
        assert self.key is not None
        cell = restored(cell).strip()
        if not cell:
            found.refused = Reason("empty_key", "the key, {key}, is empty", key=self.key.name)
            return
        if self.key.name == NUMBER:
            digits = cell.removeprefix("#")
            if not (digits.isascii() and digits.isdecimal() and 1 <= int(digits[:20]) <= _MOST_NUMBER):
                found.refused = Reason("no_number_of_person", "{value} is not a person's number", value=repr(cell[:60]))
            else:
                found.key = digits
            return
        try:
            check(cell)
            found.key = identities.normalise(self.key.name, cell, self.region)
        except (identities.Unusable, Rejected) as problem:
            found.refused = problem.reason.of(self.key.name)

    def _take_consent(self, found: Read, channel: str, cell: str) -> None:
        word = cell.strip().lower()
        if word in TRUE or word in FALSE:
            found.consents[channel] = word in TRUE
        elif word:
            found.problems.append((f"consent.{channel}", cell[:200], _CONSENT))


def check(cell: str) -> None:
    """Raise Rejected for what no text value can be: too long, not valid in the file's encoding, or with NUL."""
    if len(cell) > limits.CELL:
        raise Rejected(
            Reason(
                "long_cell",
                "the cell has {length:,} characters, at most {most:,} are taken",
                length=len(cell),
                most=limits.CELL,
            )
        )
    without_nul(cell)
    try:
        cell.encode()
    except UnicodeEncodeError:
        raise Rejected(Reason("bad_encoding", "the text is not valid in the file's encoding")) from None


def _is_plain(cells: Sequence[str]) -> bool:
    """Whether no cell needs a closer look: nearly all rows are short and plain ASCII."""
    whole = "".join(cells)
    return whole.isascii() and len(whole) <= limits.CELL and "\0" not in whole


def hashed(kind: str, value: str) -> int:
    """64 bits of what names a person, as a signed number."""
    digest = blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class Decider:
    """Decides about batches of rows. `lines` finds earlier lines of the file by hash of key or of other user id.

    In a rehearsal, who would have been created by an earlier batch is not there yet: `rehearsing` says so.
    """

    def __init__(
        self,
        workspace: Workspace,
        reading: Reading,
        *,
        lines: Callable[[Literal["key", "other"], list[int]], Mapping[int, int]],
        rehearsing: bool,
        names_holders: bool,
    ) -> None:
        self._workspace = workspace
        self._reading = reading
        self._lines = lines
        self._rehearsing = rehearsing
        self._names_holders = names_holders
        self._kind = reading.key.name if reading.key else None
        self._user_id = self._kind != "user_id" and any(target.name == "user_id" for target in reading.targets)

    def decide(self, reads: Sequence[Read]) -> list[Decision]:
        """What is to be done about each row; in a run, under the lock of the workspace's log."""
        decisions = [Decision(read) for read in reads]
        self._mark_keys(decisions)
        people = self._people([each.key for each in reads if each.key is not None and not each.refused])
        holders = self._holders(reads)
        withdrawn = self._withdrawn(people)
        for decision in decisions:
            if decision.outcome is None:
                self._settle(decision, people, holders, withdrawn)
        return decisions

    def _mark_keys(self, decisions: list[Decision]) -> None:
        """Give rows their hashes, and mark those about someone of whom the file had one before."""
        for decision in decisions:
            read = decision.read
            if read.refused:
                decision.outcome = RowOutcome.REJECTED
                decision.details = {"reason": read.refused.as_json()}
                continue
            if self._kind is not None and read.key is not None:
                decision.key = hashed(self._kind, read.key)
            if self._user_id and (user := read.values.get("user_id")):
                decision.other = hashed("user_id", user)
        seen = dict(self._lines("key", [each.key for each in decisions if each.key is not None]))
        others = dict(self._lines("other", [each.other for each in decisions if each.other is not None]))
        here: set[int] = set()
        for decision in decisions:
            if decision.key is None:
                continue
            first = seen.setdefault(decision.key, decision.read.row.line)
            if first != decision.read.row.line:
                decision.earlier = first
                decision.details["of"] = first
                if self._reading.plan.duplicates == "skip":
                    decision.outcome = RowOutcome.DUPLICATE
                    decision.details["reason"] = Reason(
                        "same_key", "line {line} has the same {key}", line=first, key=self._kind
                    ).as_json()
                elif self._rehearsing and decision.key not in here:
                    # Whoever an earlier batch would have made or changed is not as they will be then.
                    decision.outcome = RowOutcome.UPDATED
            else:
                here.add(decision.key)
        self._mark_others(decisions, others)

    def _mark_others(self, decisions: list[Decision], others: dict[int, int]) -> None:
        by_key: dict[int, int | None] = {}
        for decision in decisions:
            if decision.other is None or decision.outcome is not None:
                continue
            line = decision.read.row.line
            first = others.setdefault(decision.other, line)
            by_key.setdefault(decision.other, decision.key)
            if first != line and (decision.earlier is None or by_key[decision.other] != decision.key):
                self._refuse(decision, "user_id", Reason("user_id_of_line", "line {line} has this user id", line=first))
                decision.other = None

    def _people(self, keys: Sequence[str]) -> dict[str, int]:
        if self._kind is None:
            return {}
        if self._kind == NUMBER:
            return {str(number): number for number in queries.living(self._workspace, [int(key) for key in keys])}
        return queries.owners(self._workspace, self._kind, dict.fromkeys(keys))

    def _holders(self, reads: Sequence[Read]) -> dict[str, int]:
        if not self._user_id:
            return {}
        wanted = {user for read in reads if (user := read.values.get("user_id"))}
        return queries.owners(self._workspace, "user_id", wanted)

    def _withdrawn(self, people: Mapping[str, int]) -> set[tuple[int, str]]:
        """(number, channel) of consents that were withdrawn: a file does not bring them back."""
        channels = [channel for channel, _ in self._reading.consents]
        if not channels or not people:
            return set()
        rows = queries.states(self._workspace, sorted(set(people.values())))
        return {
            (row.number, channel) for row in rows for channel in channels if row.data.get(f"consent.{channel}") is False
        }

    def _settle(
        self,
        decision: Decision,
        people: Mapping[str, int],
        holders: Mapping[str, int],
        withdrawn: set[tuple[int, str]],
    ) -> None:
        read, plan = decision.read, self._reading.plan
        number = people.get(read.key) if read.key is not None else None
        exists = number is not None or decision.earlier is not None
        user = read.values.get("user_id") if self._user_id else None
        if user is not None and holders.get(user, number) != number:
            self._refuse(decision, "user_id", held_user_id(holders[user] if self._names_holders else None))
            if decision.outcome is not None:
                return
        if exists and plan.existing == "skip":
            decision.outcome, decision.details["reason"] = RowOutcome.SKIPPED, _EXISTS.as_json()
        elif not exists and (plan.missing == "skip" or self._kind == NUMBER):
            decision.outcome = RowOutcome.SKIPPED
            decision.details["reason"] = Reason(
                "nobody_with_key", "there is nobody with this {key}", key=self._kind
            ).as_json()
        else:
            decision.edit = self._edit(decision, number, exists=exists, withdrawn=withdrawn)

    def _edit(
        self, decision: Decision, number: int | None, *, exists: bool, withdrawn: set[tuple[int, str]]
    ) -> PersonEdit:
        read, reading = decision.read, self._reading
        how = reading.plan.existing if exists else "update"
        values = read.values
        if read.consents and how != "tags":
            values = values | self._consents(decision, number, withdrawn)
        origin = Origin("import", f"{reading.source}:{read.row.line}")
        keys = [(self._kind, read.key)] if self._kind not in (None, NUMBER) and read.key is not None else []
        return PersonEdit(
            identities=keys,
            number=number if self._kind == NUMBER else None,
            set=values if how == "update" else {},
            set_once=values if how == "fill" else {},
            clear=read.clear if exists and how == "update" else (),
            add_tags=[*read.tags, *reading.plan.tags],
            create=not exists,
            stored=True,
            origin=origin,
        )

    def _consents(self, decision: Decision, number: int | None, withdrawn: set[tuple[int, str]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        sources: dict[str, str] = {each.channel: each.source for each in self._reading.plan.consents}
        for channel, given in decision.read.consents.items():
            if given and number is not None and (number, channel) in withdrawn:
                warnings = decision.details.setdefault("warnings", [])
                warnings.append(_WITHDRAWN.of(f"consent.{channel}").as_json())
                continue
            values[f"consent.{channel}"] = given
            values[f"consent.{channel}.source"] = unicodedata.normalize("NFC", sources[channel])
            values[f"consent.{channel}.at"] = self._reading.at
        return values

    def _refuse(self, decision: Decision, name: str, reason: Reason) -> None:
        """A value that can't be taken, found only when people were looked at."""
        value = decision.read.values.pop(name)
        decision.read.problems.append((name, value, reason))
        if self._reading.plan.bad_values == "reject":
            decision.outcome = RowOutcome.REJECTED
            decision.details["reason"] = reason.of(name).as_json()


def concluded(decision: Decision, outcome: Outcome | None, *, seq: int | None, tell_new: bool) -> Entry:
    """The entry of a row whose edit was applied, or that had none. `tell_new` keeps the values of new people too."""
    details, problems = decision.details, decision.read.problems
    kind = decision.outcome
    number = None
    if outcome is not None:
        number = None if outcome.created and seq is None else outcome.number
        kind = _kind_of(outcome)
        if outcome.error is not None:
            details["reason"] = outcome.error.as_json()
        problems = problems + [(each.key, str(each.value)[:200], each.reason) for each in outcome.rejected]
        if outcome.taken:
            held = [_HELD.of(each.key).as_json() for each in outcome.taken]
            details.setdefault("warnings", []).extend(held)
        if outcome.values and (not outcome.created or tell_new):
            details["changes"] = {key: list(pair) for key, pair in outcome.values.items()}
    assert kind is not None
    if problems:
        details["problems"] = [{"field": name, "cell": cell, **reason.as_json()} for name, cell, reason in problems]
    if kind is RowOutcome.REJECTED or problems:
        details["cells"] = [_stored_cell(cell) for cell in decision.read.row.cells]
    refused = kind is RowOutcome.REJECTED
    return Entry(
        line=decision.read.row.line,
        outcome=kind,
        number=number,
        key=None if refused or decision.earlier is not None else decision.key,
        other=None if refused or decision.earlier is not None else decision.other,
        seq=seq if outcome is not None and (outcome.created or outcome.changed_keys) else None,
        details=orjson.dumps(details, option=orjson.OPT_NON_STR_KEYS).decode() if details else "",
    )


def _kind_of(outcome: Outcome) -> RowOutcome:
    if outcome.error is not None:
        return RowOutcome.REJECTED
    if outcome.created:
        return RowOutcome.CREATED
    return RowOutcome.UPDATED if outcome.changed_keys else RowOutcome.UNCHANGED


def _stored_cell(cell: str) -> str:
    # No database takes NUL, no JSON half a character, and nobody reads further.
    return cell[: limits.CELL].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
