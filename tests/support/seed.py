"""What tests that make things up at random begin from: another number each time, or the one that is asked for."""

from __future__ import annotations

import os
from random import Random

SEED = int(os.environ.get("COTERIE_TEST_SEED", "0")) or Random().randrange(1, 2**32)
SAID = f"COTERIE_TEST_SEED={SEED}"
"""How to have the same again; a failure says it."""
