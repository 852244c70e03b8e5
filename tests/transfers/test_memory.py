"""Files on their way in and out take the same memory for many people as for few."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.measuring import Measured, measured
from tests.support.transferring_apart import LENGTH, STEP, WIDE, exported_csv, exported_xlsx, imported, projected

# All is measured before the first test.
pytestmark = pytest.mark.timeout(600)

FEW: Final = 1_500
MANY: Final = 5 * FEW
MORE_AT_MOST: Final = 20 * 1024**2
WAYS: Final = (imported, exported_csv, exported_xlsx)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Measured]:
    """What each way took with few people and with many, each in a process and with a folder of its own."""
    everything: dict[tuple[str, int], Measured] = {}
    for people in (FEW, MANY):
        folder: Path = tmp_path_factory.mktemp("memory") / str(people)
        folder.mkdir()
        everything["imported", people] = measured(imported, folder)
        assert measured(projected, folder).said == people
        for way in (exported_csv, exported_xlsx):
            everything[way.__name__, people] = measured(way, folder)
    return everything


def test_it_works(found: dict[tuple[str, int], Measured]) -> None:
    """All of them were there, and what they hold is more than may be taken for them."""
    for people in (FEW, MANY):
        assert found["imported", people].said == {"created": people}
        for way in ("exported_csv", "exported_xlsx"):
            assert found[way, people].said == {"exported": people}
    assert (MANY - FEW) * len(WIDE) * LENGTH > 1.4 * MORE_AT_MOST
    assert STEP < FEW


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_five_times_as_many_take_no_more(found: dict[tuple[str, int], Measured], way: Any) -> None:
    few, many = found[way.__name__, FEW], found[way.__name__, MANY]
    assert many.grown - few.grown <= MORE_AT_MOST, (few, many)
