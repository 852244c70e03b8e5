"""What people say and are told in 28 languages: the conversations of the ChatterBot corpus, which nobody here wrote."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
import yaml
from chatterbot_corpus.corpus import DATA_DIRECTORY  # type: ignore[import-untyped]


@cache
def said_in(language: str, most: int) -> pd.DataFrame:
    """The first conversations in a language: `id`, `tongue`, what was said first and last."""
    rows = []
    for path in sorted(Path(DATA_DIRECTORY, language).glob("*.yml")):
        for talk in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            texts = [" ".join(str(text).split()) for text in talk]
            rows.append((f"{language}-{len(rows)}", language, texts[0], texts[-1]))
    return pd.DataFrame(rows[:most], columns=["id", "tongue", "said", "answer"])


def languages() -> list[str]:
    """All there are, in order."""
    return sorted(path.name for path in Path(DATA_DIRECTORY).iterdir() if path.is_dir() and list(path.glob("*.yml")))
