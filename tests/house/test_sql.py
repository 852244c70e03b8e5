"""No SQL text is put together from data: values are always bound.

Text that is made of our own words (a table's name, a predicate of the operator table) is excused where it stands, by a
comment `# sql: reason` in the statement or above it, or by ruff's own `# noqa: S608 - reason`.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import Source, parse, sources

# Methods that send text to a database: Django and psycopg cursors, Django's raw(), clickhouse-connect and our engine.
SENDING = {
    "execute",
    "executemany",
    "executescript",
    "raw",
    "command",
    "query",
    "query_arrow",
    "query_df",
    "query_np",
    "query_rows_stream",
    "raw_query",
    "raw_stream",
}
STATEMENT = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\S+\s+AS\s|CREATE\s+(TABLE|DATABASE|VIEW)"
    r"|ALTER\s+TABLE\s|DROP\s+(TABLE|DATABASE)\s|TRUNCATE\s|OPTIMIZE\s+TABLE\s)"
)

# Files whose work is to put statements together from our own words. A value may still not stand in them.
COMPOSING: dict[str, str] = {
    "audience/charts.py": "as audience/queries.py",
    "audience/duplicates.py": "as audience/search.py",
    "audience/explaining.py": "as audience/leaves.py, for one person",
    "audience/families.py": "as audience/leaves.py, with lambdas over arrays of bound values",
    "audience/leaves.py": "the operators' predicates over columns named by id; each value goes through `Bound`",
    "audience/event_values.py": "as audience/queries.py",
    "audience/queries.py": "the same for pages, facets and timelines",
    "audience/search.py": "as audience/queries.py",
    "audience/schema.py": "tables of that file; only the cluster's name is from outside, from settings",
    "people/store.py": "tables and columns of that file; every row is bound",
}
# A placeholder between quotes is a value on its way into the text. Here it is the name of a cluster or a table.
MAY_QUOTE = {"audience/schema.py"}


def composed(node: ast.expr) -> bool:
    """Whether the text is put together from anything but literals and CONSTANTS."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(part, ast.FormattedValue) and not _constant(part.value) for part in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            sides = (left, right)
            return any(composed(side) for side in sides) or (
                any(_textual(side) for side in sides) and not all(_constant(side) or _textual(side) for side in sides)
            )
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _textual(left) and not _constant(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "format_map")):
            return _textual(value) or isinstance(value, ast.Name)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join")):
            return True
    return False


def _constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(_constant(each) for each in node.elts)
    if isinstance(node, ast.Name):
        return node.id.lstrip("_").isupper()
    return isinstance(node, ast.Constant)


def _textual(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _opening(node: ast.expr) -> str:
    """The literal text with which an expression begins."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return _opening(first)
        case ast.BinOp(left=left):
            return _opening(left)
        case ast.Call(func=ast.Attribute(value=value)):
            return _opening(value)
    return ""


def quotes_a_placeholder(node: ast.expr) -> bool:
    """Whether some f-string inside puts something between quotes: `'{name}'`."""
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr):
            quotes = 0
            for part in each.values:
                # An odd number of quotes before it: the placeholder stands inside a text of the statement.
                if isinstance(part, ast.FormattedValue) and quotes % 2:
                    return True
                quotes += str(part.value).count("'") if isinstance(part, ast.Constant) else 0
    return False


def composed_statements(source: Source) -> list[ast.expr]:
    """Texts with something put in that are sent to a database, or begin like a statement; in the file's order."""
    found: dict[tuple[int, int], ast.expr] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SENDING:
            texts = node.args[:1] + [each.value for each in node.keywords if each.arg in ("query", "sql", "cmd")]
            found.update({(text.lineno, text.col_offset): text for text in texts if composed(text)})
        elif isinstance(node, ast.expr) and composed(node) and STATEMENT.match(_opening(node)):
            found[node.lineno, node.col_offset] = node
    return [node for _, node in sorted(found.items())]


def unexcused(source: Source) -> Iterator[str]:
    """Where a statement is put together without a reason."""
    for node in composed_statements(source):
        if not source.excused(node, "sql") and not source.excused(node, "S608"):
            yield source.place(node)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("cursor.execute('SELECT 1')", False),
        ("cursor.execute('SELECT %s', [name])", False),
        ("cursor.execute(f'SELECT * FROM {TABLE}')", False),
        ("cursor.execute(f'SELECT * FROM people WHERE name = {name!r}')", True),
        ("cursor.execute('SELECT * FROM people WHERE name = ' + name)", True),
        ("cursor.execute('SELECT * FROM people WHERE name = %s' % name)", True),
        ("cursor.execute('SELECT * FROM people WHERE name = {}'.format(name))", True),
        ("cursor.execute(TEMPLATE.format(name=name))", True),
        ("engine.query(query=f'{name}')", True),
        ("engine.query(' AND '.join(parts))", True),
        ("sql = f'SELECT {name}'", True),
        ("sql = f'SELECT {name}'  # sql: a column of our own table", False),
        ("# sql: a column of our own table\nsql = f'SELECT {name}'", False),
        ("# sql: a column of our own table\ncursor.execute(\n    f'SELECT {name}'\n)", False),
        ("sql = f'SELECT {name}'  # sql:", True),
        ("sql = f'SELECT {name}'  # noqa: S608 - a column of our own table", False),
        ("sql = f'SELECT {name}'  # noqa: S608, E501 - as above", False),
        ("sql = f'SELECT {name}'  # noqa: S608", True),
        ("sql = f'SELECT {name}'\nx = 1  # sql: a column of our own table", True),
        ("message = f'Select {name} first'", False),
        ("execute(f'{name}')", False),
    ],
)
def test_it_works(code: str, wrong: bool) -> None:
    assert bool(list(unexcused(parse("sample.py", code)))) is wrong


def test_no_statement_is_composed_from_data() -> None:
    places = [place for source in sources() if source.name not in COMPOSING for place in unexcused(source)]
    assert places == [], "bind the value, or give the reason in a comment `# sql: reason`"


def test_composing_files_still_compose() -> None:
    assert {source.name for source in sources() if composed_statements(source)} >= set(COMPOSING)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("""f"SELECT a WHERE b = '{b}'" """, True),
        ("""f"SELECT a WHERE b LIKE '%{b}%'" """, True),
        ("""f"SELECT a WHERE b = {b} AND c = 'x'" """, False),
    ],
)
def test_quoted_placeholders_are_seen(code: str, wrong: bool) -> None:
    assert quotes_a_placeholder(parse("x.py", code.strip()).tree.body[0].value) is wrong  # type: ignore[attr-defined]


def test_no_statement_quotes_a_placeholder() -> None:
    wrong = [
        source.place(node)
        for source in sources()
        if source.name not in MAY_QUOTE
        for node in composed_statements(source)
        if quotes_a_placeholder(node)
    ]
    assert wrong == [], "a value between quotes is a value in the text: bind it"
