"""Jobs in a test: run at once, in the test's own thread."""

from __future__ import annotations

from coterie.jobs.runner import run_one


def run_all(*, most_turns: int = 10_000) -> int:
    """Run jobs until none waits; how many turns that took."""
    for turn in range(most_turns):
        if not run_one():
            return turn
    raise RuntimeError(f"jobs are still waiting after {most_turns} turns")
