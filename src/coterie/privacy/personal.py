"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from typing import Final

from coterie.accounts.holding import Holding, columns

HOLDINGS: Final = (
    Holding(
        "privacy_erasure",
        "person",
        columns(
            pseudonymous="numbers scope by certificate",
            none="id workspace public_id state reason asked_at step mark counts finished_at job",
        ),
        erased="Stays as the proof: numbers and keyed hashes, which lead to nobody.",
    ),
    Holding(
        "files.copy",
        "person",
        columns(personal="content"),
        erased="Every copy that was made or begun for a person before is removed.",
        not_told="It is the download itself.",
    ),
    Holding(
        "files.ledger",
        "person",
        columns(pseudonymous="people digests"),
        erased="Made by an erasure: numbers and keyed hashes, so that a restored backup is erased again.",
    ),
)
