"""Running a parser, and saying in a person's words where and why it stopped."""

from collections.abc import Collection
from functools import cache, lru_cache

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from coterie.filters.drafts import Draft
from coterie.filters.errors import THE_END, SyntaxProblem, UnknownField
from coterie.filters.fields import Catalogue, FieldType
from coterie.filters.grammar import terminal_words, words_of
from coterie.filters.operators import operators_for
from coterie.kit.reasons import Reason

_QUOTES = ("`", '"')
# Longer sentences are read each time: characters.
_REMEMBERED = 4_000
# What takes the place of a value or a name comes first, then words, then signs.
_FIRST = ("NAME", "STRING", "NUMBER", "DATE", "UNIT")


def parsed(parser: Lark, text: str, catalogue: Catalogue | None = None) -> Draft:
    """The draft of a text, which nobody may change; SyntaxProblem when it can't be read."""
    try:
        return _remembered(parser, text) if len(text) <= _REMEMBERED else _read(parser, text)
    except UnexpectedInput as error:
        raise _problem(error, text, catalogue) from None


def _read(parser: Lark, text: str) -> Draft:
    return parser.parse(text)  # type: ignore[return-value]


# The same sentence is asked again and again: by lists, by pages, by whoever waits for a number to move.
_remembered = lru_cache(maxsize=512)(_read)


def _problem(error: UnexpectedInput, text: str, catalogue: Catalogue | None) -> SyntaxProblem:
    if isinstance(error, UnexpectedToken):
        token = error.token
        expected = _words(error.accepts or error.expected)
        expected = _for_field(expected, error, catalogue)
        if token.type == "$END":
            line, column = _end_of(text)
            return SyntaxProblem(line=line, column=column, found=THE_END, expected=expected)
        return SyntaxProblem(line=error.line, column=error.column, found=_shown(str(token)), expected=expected)
    assert isinstance(error, UnexpectedCharacters)
    if error.char in _QUOTES:
        return SyntaxProblem(
            line=error.line,
            column=error.column,
            found=error.char,
            expected=[Reason("closing_quote", "a closing {quote}", quote=error.char)],
            message=Reason("open_quote", "A quote is opened and never closed."),
        )
    return SyntaxProblem(line=error.line, column=error.column, found=error.char, expected=_words(error.allowed or ()))


def _words(terminals: Collection[str]) -> list[str]:
    """The terminals in words, each once, in an order that does not depend on hashing."""
    names = terminal_words()
    first = [names[name] for name in _FIRST if name in terminals]
    rest = [f"`{names[name]}`" for name in sorted(set(terminals) - {*_FIRST, "QUOTED_NAME", "$END"})]
    end = [THE_END] if "$END" in terminals else []
    return list(dict.fromkeys([*first, *rest, *end]))


def _for_field(expected: list[str], error: UnexpectedToken, catalogue: Catalogue | None) -> list[str]:
    """After a field, only what its type offers."""
    parser = error.interactive_parser
    before = parser.parser_state.value_stack[-1] if parser and parser.parser_state.value_stack else None
    if catalogue is None or not isinstance(before, Token) or before.type != "NAME":
        return expected
    try:
        field = catalogue.field(str(before))
    except UnknownField:
        return expected
    offered = _first_words(field.type, field.semantic)
    return [word for word in expected if word in offered] or expected


@cache
def _first_words(type: FieldType, semantic: str | None) -> frozenset[str]:
    forms = [form for row in operators_for(type, semantic) for form in (row.sentence, *row.also)]
    return frozenset(f"`{words_of(form)[1]}`" for form in forms if form.startswith("{f} "))


def _end_of(text: str) -> tuple[int, int]:
    before, _, last = text.rstrip().rpartition("\n")
    return before.count("\n") + (2 if "\n" in text.rstrip() else 1), len(last) + 1


def _shown(found: str) -> str:
    return found if len(found) <= 40 else found[:37] + "..."
