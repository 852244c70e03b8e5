"""What mails say of jobs, in the language of the workspace. English titles and counts are the job's own words.

The web app has the same words (ui/src/features/jobs); tests/conformance/job_titles.json holds both to the same titles.
"""

from __future__ import annotations

import re
from typing import Final

from babel.numbers import format_decimal

from coterie.accounts.models import Language
from coterie.jobs.models import Job, JobState

_ENDINGS: Final = {
    Language.ENGLISH: {
        JobState.DONE: "{title} is done",
        JobState.FAILED: "{title} failed",
        JobState.CANCELLED: "{title} was cancelled",
    },
    Language.GERMAN: {
        JobState.DONE: "{title} ist fertig",
        JobState.FAILED: "{title} ist gescheitert",
        JobState.CANCELLED: "{title} wurde abgebrochen",
    },
}

# By kind: the English title, the German one for one, and for several where that differs.
_TITLES: Final = (
    ("import.rehearse", r"Rehearsal of (?P<name>.*)", "Probelauf von {name}", ""),
    ("import.run", r"Import of (?P<name>.*)", "Import von {name}", ""),
    ("import.undo", r"Undo of (?P<name>.*)", "Rücknahme von {name}", ""),
    (
        "export",
        r"Export of (?P<number>[\d,]+) (?:person|people) as (?P<format>\w+)",
        "Export von {number} Person als {format}",
        "Export von {number} Personen als {format}",
    ),
    ("export.scheduled", r"Scheduled export (?P<name>.*)", "Geplanter Export {name}", ""),
    (
        "bulk.change",
        r"Change of (?P<number>[\d,]+) (?:person|people)",
        "Änderung von {number} Person",
        "Änderung von {number} Personen",
    ),
    (
        "bulk.members",
        r"(?P<number>[\d,]+) (?:person|people) into (?P<name>.*)",
        "{number} Person in {name}",
        "{number} Personen in {name}",
    ),
    (
        "bulk.members",
        r"(?P<number>[\d,]+) (?:person|people) out of (?P<name>.*)",
        "{number} Person aus {name}",
        "{number} Personen aus {name}",
    ),
    (
        "bulk.delete",
        r"Deletion of (?P<number>[\d,]+) (?:person|people)",
        "Löschung von {number} Person",
        "Löschung von {number} Personen",
    ),
    ("bulk.undo", r"Undo: (?P<undone>.*)", "Rücknahme von {undone}", ""),
    ("people.find_same", r"Looking for people who are the same", "Suche nach Personen, die dieselben sind", ""),
    ("privacy.copy", r"Copy for person (?P<name>\d+)", "Auskunft für Person {name}", ""),
    (
        "privacy.erase",
        r"Erasure of (?P<number>[\d,]+) numbers?",
        "Löschung von {number} Person",
        "Löschung von {number} Personen",
    ),
    ("fields.check_type", r"Check of (?P<name>.*) as \w+", "Prüfung eines anderen Typs für {name}", ""),
    ("fields.change_type", r"Change of (?P<name>.*) to \w+", "Änderung des Typs von {name}", ""),
    ("fields.reapply", r"Another try of (?P<name>.*)", "Neuer Versuch mit Werten für {name}", ""),
)

_GERMAN_COUNTS: Final = {
    "created": "angelegt",
    "updated": "geändert",
    "unchanged": "unverändert",
    "skipped": "übersprungen",
    "duplicate": "doppelt",
    "rejected": "abgelehnt",
    "taken_back": "zurückgenommen",
    "kept": "behalten",
    "exported": "exportiert",
    "changed": "geändert",
    "failed": "fehlgeschlagen",
    "suggested": "Vorschläge",
    "converted": "umgewandelt",
    "taken": "übernommen",
    "values": "Werte",
    "warnings": "mit Hinweisen",
    "problems": "mit ausgelassenen Werten",
    "people": "Personen",
    "rows": "Zeilen",
    "would_join": "in Segmente",
    "added_to_segments": "in Segmente aufgenommen",
    "cut_texts": "lange Texte gekürzt, ganz in der CSV-Datei",
}


def ending(job: Job, language: Language) -> str:
    """How a job has ended, as a sentence without its point."""
    return _ENDINGS[language][JobState(job.state)].format(title=title(job.kind, job.title, language))


def title(kind: str, own: str, language: Language) -> str:
    """A job's title; its own, which is English, where there are no words for it."""
    if language is Language.ENGLISH:
        return own
    for of, pattern, one, many in _TITLES:
        found = re.fullmatch(pattern, own, re.DOTALL) if of == kind else None
        if found is not None:
            return _filled(found.groupdict(), one, many or one)
    return own


def counts(job: Job, language: Language) -> list[str]:
    """What a job did, a line for each count."""
    names = _GERMAN_COUNTS if language is Language.GERMAN else {}
    return [
        f"{names.get(name) or name.replace('_', ' ')}: {format_decimal(value, locale=language.value)}"
        for name, value in sorted(job.result.get("counts", {}).items())
    ]


def _filled(words: dict[str, str], one: str, many: str) -> str:
    number = int(words["number"].replace(",", "")) if "number" in words else 0
    if "undone" in words:
        words["undone"] = _undone(words["undone"])
    return (one if number == 1 else many).format_map(words | {"number": format_decimal(number, locale="de")})


def _undone(own: str) -> str:
    """The title of the change of many that was taken back, whichever it was."""
    kinds = ("bulk.change", "bulk.members")
    return next((found for kind in kinds if (found := title(kind, own, Language.GERMAN)) != own), own)
