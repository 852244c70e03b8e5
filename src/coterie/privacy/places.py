"""Names of files that outlive the database; importable before Django is set up."""

from typing import Final

LEDGER: Final = "erasures.jsonl"
"""The ledger of erasures (ledger.py): no backup holds it, and a restore leaves it where it is."""
