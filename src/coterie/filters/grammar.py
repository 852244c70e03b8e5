"""The grammar of sentences, put together from the operators' rows: a new row is a new production and nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from coterie.filters.errors import THE_END
from coterie.filters.events import (
    AGGREGATES,
    BUCKET,
    EVENT_OPERATORS,
    EVENT_PROPERTY,
    EVENT_TIMES,
    POSITIVE_FORMS,
    SEGMENT_OPERATORS,
    SEQUENCE,
    WINDOWS,
)
from coterie.filters.fields import PROPERTY_TYPES, FieldType
from coterie.filters.operators import OPERATORS
from coterie.filters.rows import Operator
from coterie.filters.shapes import A_DATE, A_NUMBER, A_TEXT, ShapeKey
from coterie.filters.values import INSTANT_PATTERN
from coterie.kit.reasons import Reason

# What a placeholder of a form is in the grammar; {v} depends on the row's shape.
_SLOTS = {
    "{f}": "name",
    "{p}": "name",
    "{e}": "STRING",
    "{a}": "STRING",
    "{b}": "STRING",
    "{from}": "literal",
    "{to}": "literal",
    "{n}": "NUMBER",
    "{unit}": "UNIT",
}
_V_BY_SHAPE = {ShapeKey.MANY: "literals"}
# Words that are also understood in the singular or the plural.
_NUMBERED = {"times": "times?", "segment": "segments?", "segments": "segments?"}
# Words of the grammar itself that start a condition.
_OWN_WORDS = ("not", "all", "any", "everyone", "nobody")
# What a condition is made of, in this order, by the rule that reads it; a part with a question mark may be left out.
_CONDITIONS = {
    "compared_field": "{f} {form_any} {unknown?}",
    "happened": "{event_head} {window?} {where?}",
    "compared_aggregate": "{aggregate} {window?} {where?} {form_number} {unknown?}",
    "compared_time": "{event_time} {where?} {form_time} {unknown?}",
    "compared_property": "{event_property} {form_property} {unknown?}",
}
_WHOLE_CONDITIONS = ("segment", "counting", "sequence", "bucket")
# What else can stand where a condition can.
_PARTS = {
    "negation": "not {part}",
    "group": "( {filter} )",
    "all_of_one": "all ( {filter} )",
    "any_of_one": "any ( {filter} )",
    "everyone": "everyone",
    "nobody": "nobody",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One production: what its parts are, and the rows that it may mean (told apart by type)."""

    kind: str
    rule: str
    parts: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The parts in order, with "" for words: what the parser hands over at each place."""
        return tuple(part.strip("{}") if part.startswith("{") else "" for part in self.parts)


def words_of(sentence: str) -> tuple[str, ...]:
    """The words, signs and placeholders of a form."""
    return tuple(sentence.split())


@cache
def reserved() -> frozenset[str]:
    """Words that start a condition: a field of such a name stands in back-quotes."""
    rows = (*EVENT_OPERATORS.values(), *SEGMENT_OPERATORS.values(), *OPERATORS.values())
    forms = [row.sentence for row in rows]
    forms += [row.sentence for row in AGGREGATES.values()] + [row.sentence for row in EVENT_TIMES.values()]
    forms += [SEQUENCE.sentence, BUCKET.sentence]
    return frozenset({words_of(form)[0] for form in forms if not form.startswith("{")} | set(_OWN_WORDS))


@cache
def patterns() -> Mapping[str, Pattern]:
    """Every production made from rows, by its rule's name."""
    found: dict[str, Pattern] = {}
    for kind, rows in _form_groups().items():
        _add(
            found, kind, ((row, words_of(form)[1:]) for row in rows for form in _forms(row) if form.startswith("{f} "))
        )
    _add(found, "counting", ((row, words_of(row.sentence)) for row in OPERATORS.values() if "{f}" in row.sentence[1:]))
    _add(
        found, "segment", ((row, words_of(row.sentence)) for row in SEGMENT_OPERATORS.values() if not _is_prefixed(row))
    )
    events = [(row, words_of(form)) for row in EVENT_OPERATORS.values() for form in _forms(row)]
    events += [(EVENT_OPERATORS[key], words_of(form)) for form, key in POSITIVE_FORMS.items()]
    _add(found, "event_head", events)
    windows = ((OPERATORS[window.operator], window.kind) for window in WINDOWS.values())
    for row, kind in windows:
        _add_one(found, "window", words_of(row.sentence)[1:], row, key=kind)
    for aggregate in AGGREGATES.values():
        _add_one(found, "aggregate", words_of(aggregate.sentence), key=aggregate.key)
    for which in EVENT_TIMES.values():
        _add_one(found, "event_time", words_of(which.sentence), key=which.key)
    for form in (EVENT_PROPERTY, SEQUENCE, BUCKET):
        _add_one(found, form.key, words_of(form.sentence), key=form.key)
    return found


def negative_of(row: Operator) -> str | None:
    """The complement that `not` right before this row's form means, where the row has one that is written so."""
    rows = SEGMENT_OPERATORS if row in SEGMENT_OPERATORS.values() else OPERATORS
    for other in rows.values():
        if other.complement_of == row.key and f"not {row.sentence}" in _forms(other):
            return other.key
    return None


@cache
def sentence_grammar() -> str:
    """The grammar of whole sentences, for lark's LALR parser."""
    rules = [
        "start: disjunction",
        *_boolean_rules("condition", "(_AND | _AND_NAME)"),
        f"?condition: {' | '.join(_WHOLE_CONDITIONS)}",
        *(f"  | {_composed(form)} -> {rule}" for rule, form in _CONDITIONS.items()),
        "where: _WHERE property (_AND_NAME property)*",
        "property: name form_property",
        '_unknown: "(" _OR UNKNOWN ")"',
        "literal: STRING | NUMBER | DATE",
        'literals: "(" literal ("," literal)* ")"',
        "name: NAME | QUOTED_NAME",
    ]
    for kind in dict.fromkeys(pattern.kind for pattern in patterns().values()):
        mine = [pattern for pattern in patterns().values() if pattern.kind == kind]
        rules.append(f"{kind}: " + "\n  | ".join(f"{_production(pattern)} -> {pattern.rule}" for pattern in mine))
    return "\n".join((*rules, *_terminals(), ""))


def rules() -> Mapping[str, list[str]]:
    """How sentences are put together, for who proposes what could come next.

    The forms of each part: words, `{x}` for another part, for one of the rows or for a value, and `{x?}` for what may
    be left out. After `where`, an `and` before a name goes on with properties.
    """
    return {
        "filter": ["{part} {more?}"],
        "more": ["and {filter}", "or {filter}"],
        "part": [*_CONDITIONS.values(), *(f"{{{name}}}" for name in _WHOLE_CONDITIONS), *_PARTS.values()],
        "where": ["where {property} {further?}"],
        "further": ["and {property} {further?}"],
        "property": ["{p} {form_property}"],
        "unknown": ["( or unknown )"],
        "literals": ["( {item} {others?} )"],
        "others": [", {item} {others?}"],
    }


@cache
def expression_grammar() -> str:
    """The grammar of expressions over numbers of conditions."""
    rules = ["start: disjunction", *_boolean_rules("number", "_AND"), "number: NUMBER"]
    return "\n".join((*rules, *_own_terminals(), "NUMBER: /\\d+(?!\\w)/", "%ignore /\\s+/", ""))


def terminal_words() -> Mapping[str, str]:
    """What each terminal is called in an error message; a word of the language is called by itself."""
    return {
        "STRING": A_TEXT,
        "NUMBER": A_NUMBER,
        "DATE": A_DATE,
        "UNIT": "minutes, hours, days, weeks, months or years",
        "NAME": Reason("a_field", "a field"),
        "QUOTED_NAME": Reason("a_quoted_name", "a name in back-quotes"),
        "LPAR": "(",
        "RPAR": ")",
        "COMMA": ",",
        "$END": THE_END,
        "_AND": "and",
        "_OR": "or",
        "_WHERE": "where",
        "_AND_NAME": "and",
        "UNKNOWN": "unknown",
        **{word.upper(): word for word in _OWN_WORDS},
        **{_terminal(word): word for pattern in patterns().values() for word in pattern.parts if word[0] != "{"},
    }


def _form_groups() -> Mapping[str, list[Operator]]:
    rows = list(OPERATORS.values())
    return {
        "form_any": rows,
        "form_property": [row for row in rows if row.types & PROPERTY_TYPES and not row.semantic],
        "form_number": [row for row in rows if FieldType.NUMBER in row.types],
        "form_time": [row for row in rows if FieldType.DATETIME in row.types],
    }


def _forms(row: Operator) -> tuple[str, ...]:
    return (row.sentence, *row.also)


def _is_prefixed(row: Operator) -> bool:
    """Whether a row's form is `not` before its twin's: the grammar's own `not` reads it."""
    return row.complement_of is not None and row.sentence == f"not {SEGMENT_OPERATORS[row.complement_of].sentence}"


def _add(found: dict[str, Pattern], kind: str, forms: Iterable[tuple[Operator, Sequence[str]]]) -> None:
    for row, parts in forms:
        _add_one(found, kind, parts, row, key=row.key)


def _add_one(
    found: dict[str, Pattern], kind: str, parts: Sequence[str], row: Operator | None = None, *, key: str
) -> None:
    """Put a production in; one that is there already under the same parts means one row more."""
    many = row is not None and row.shape in _V_BY_SHAPE
    marked = tuple("{vs}" if part == "{v}" and many else part for part in parts)
    for rule, pattern in found.items():
        if pattern.kind == kind and pattern.parts == marked:
            found[rule] = Pattern(kind, rule, marked, (*pattern.keys, key))
            return
    rule = f"{kind}_{len(found)}"
    found[rule] = Pattern(kind, rule, marked, (key,))


def _production(pattern: Pattern) -> str:
    slots = {**_SLOTS, "{v}": "NUMBER" if pattern.kind == "counting" else "literal", "{vs}": "literals"}
    return " ".join(slots[part] if part.startswith("{") else _terminal(part) for part in pattern.parts)


def _terminal(word: str) -> str:
    if word == "and":
        return "_AND"
    if word.isalpha():
        return f"W_{_NUMBERED.get(word, word).rstrip('?').upper()}"
    return "S_" + "_".join(str(ord(char)) for char in word)


def _boolean_rules(atom: str, conjunction: str) -> list[str]:
    """`not` before `and` before `or`; a group of one or none has a form of its own, so that every tree has one."""
    return [
        "?disjunction: conjunction | conjunction (_OR conjunction)+ -> any_of",
        f"?conjunction: part | part ({conjunction} part)+ -> all_of",
        f"?part: {atom}",
        *(f"  | {_composed(form)} -> {rule}" for rule, form in _PARTS.items()),
    ]


def _composed(form: str) -> str:
    """A form of a table of this file as lark has it."""
    names = {**_SLOTS, "{filter}": "disjunction", "{unknown?}": "_unknown?"}
    return " ".join(names.get(part) or (_own(part) if part[0] != "{" else part.strip("{}")) for part in form.split())


def _own(word: str) -> str:
    return word.upper() if word.isalpha() else f'"{word}"'


def _word(pattern: str) -> str:
    # ASCII only: under Unicode rules the dotless i would also read as an i.
    return f"/(?ai:{pattern})(?!\\w)/"


def _own_terminals() -> list[str]:
    # Words come before names wherever both could stand.
    return [
        *(f"{word.upper()}.3: {_word(word)}" for word in _OWN_WORDS),
        f"_AND.3: {_word('and')}",
        f"_OR.3: {_word('or')}",
    ]


def _terminals() -> list[str]:
    parts = {part for pattern in patterns().values() for part in pattern.parts if not part.startswith("{")}
    words = {_terminal(word): _NUMBERED.get(word, word) for word in sorted(parts) if word.isalpha() and word != "and"}
    starts = "|".join(sorted(reserved()))
    # An `and` before a name is a token of its own: after `where` it goes on with properties (the parser shifts), while
    # an `and` before what starts another kind of condition ends the properties.
    and_name = f"(?ai:and)(?=\\s*`|\\s+(?!(?ai:{starts})(?!\\w))[^\\W\\d])"
    return [
        *_own_terminals(),
        *(f"{terminal}.3: {_word(pattern)}" for terminal, pattern in words.items()),
        *(f"{_terminal(sign)}.{len(sign)}: /{re.escape(sign)}/" for sign in sorted(parts) if not sign.isalpha()),
        f"_WHERE.3: {_word('where')}",
        f"_AND_NAME.4: /{and_name}/",
        f"UNKNOWN.3: {_word('unknown')}",
        f"UNIT.3: {_word('(?:minute|hour|day|week|month|year)s?')}",
        f"DATE.3: /(?a:{INSTANT_PATTERN}|\\d{{4}}-\\d\\d-\\d\\d)(?!\\w)/",
        "NUMBER.2: /(?a:-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)(?!\\w)/",
        'STRING: /"(?s:\\\\.|[^"\\\\])*"/',
        "QUOTED_NAME: /`(?s:\\\\.|[^`\\\\])+`/",
        "NAME: /[^\\W\\d]\\w*/",
        "%ignore /\\s+/",
    ]
