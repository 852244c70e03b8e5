"""How jobs are told of in the languages of readers: what one is called, what it is doing, what it did, how it ended.

The words are in words/, a file for each language in the form of i18next: the web app says jobs with the same files.
What is told is a code with details. `{{number}}` is the detail `count` as the language writes it; where a code has
words for one (`_one`) and for several (`_other`), the count chooses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

from babel import Locale
from babel.numbers import format_decimal

from coterie.accounts.models import Language
from coterie.jobs.models import Job

Group = Literal["title", "ended", "phase", "unit", "count"]

_FOLDER: Final = Path(__file__).parent / "words"
_PLACE: Final = re.compile(r"{{(\w+)}}")
# Of a code that has words for one and for several.
_FORMS: Final = ("one", "other")


class Title(NamedTuple):
    """What a job is called: its English text, a code of the words, and the details that stand in them.

    Details are text, numbers, or the title of another job. A job from before there were codes has text alone.
    """

    text: str
    code: str
    details: dict[str, Any]

    @classmethod
    def of(cls, job: Job) -> Self:
        """The title that a job has."""
        return cls(job.title, job.title_code, job.title_details)

    def as_json(self) -> dict[str, Any]:
        """The title as it is kept and told inside the details of another one."""
        return {"title": self.text, "code": self.code, "details": self.details}

    def said(self, language: Language) -> str:
        """The title in a language; its own text where there are no words for it."""
        return said(language, "title", self.code, self.details) or self.text


def titled(code: str, /, **details: Any) -> Title:
    """The title of a job that is started: `titled("change", count=12_000)`. ValueError where the code has no words."""
    kept = {name: value.as_json() if isinstance(value, Title) else value for name, value in details.items()}
    text = said(Language.ENGLISH, "title", code, kept)
    if not text:
        raise ValueError(f"there are no words for the title {code!r} with {', '.join(details) or 'no details'}")
    return Title(text, code, kept)


def said(language: Language, group: Group, code: str, details: Mapping[str, Any] | None = None) -> str:
    """The words for a code with its details; empty where there are none, or not all details."""
    details = details or {}
    given = {name: _shown(language, value) for name, value in details.items()}
    words, count = _words(language)[group], details.get("count")
    text = words.get(code, "")
    if isinstance(count, int):
        form = Locale.parse(language.value).plural_form(count)
        text = words.get(f"{code}_{form}", text)
        given["number"] = format_decimal(count, locale=language.value)
    if not set(_PLACE.findall(text)) <= set(given):
        return ""
    return _PLACE.sub(lambda place: given[place[1]], text)


def phase(job: Job) -> str:
    """What a job is doing now, in English; what was kept where that is no code that has words."""
    return said(Language.ENGLISH, "phase", job.phase) or job.phase


def ending(job: Job, state: str, language: Language) -> str:
    """How a job has ended, as a sentence without its point; empty for a state that is no end."""
    return said(language, "ended", state, {"title": Title.of(job).said(language)})


def counts(job: Job, language: Language) -> list[str]:
    """What a job did, a line for each count in the order of the words; those without words last."""
    order = codes("count")
    found = job.result.get("counts", {})
    names = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [
        f"{said(language, 'count', name, {'count': found[name]}) or name.replace('_', ' ')}: "
        f"{format_decimal(found[name], locale=language.value)}"
        for name in names
    ]


@cache
def codes(group: Group) -> list[str]:
    """The codes that have words, in their order."""
    found: dict[str, None] = {}
    for key in _words(Language.ENGLISH)[group]:
        code, _, form = key.rpartition("_")
        found[code if form in _FORMS else key] = None
    return list(found)


@cache
def _words(language: Language) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads((_FOLDER / f"{language.value}.json").read_text("utf-8"))
    return words


def _shown(language: Language, value: Any) -> str:
    if isinstance(value, Mapping):
        return Title(value["title"], value["code"], value["details"]).said(language)
    return str(value)
