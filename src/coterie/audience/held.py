"""What an index holds of each condition: its set, how current it is, and what has yet to be put into it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pyroaring import BitMap

from coterie.audience.bitmaps import size_of
from coterie.audience.leaves import Leaves
from coterie.audience.names import Names
from coterie.filters import tree
from coterie.filters.moment import Moment
from coterie.filters.normal import clock_of, uses_zone


@dataclass
class LeafState:
    """One condition's set and how current it is.

    `members` is None until someone needs the whole set; `as_of` is the instant (epoch ms) it holds for. Whoever
    computes it, whole or in part, is in `computing` meanwhile; `drops` counts how often it was forgotten. `owners` are
    those who pinned it.
    """

    leaf: tree.Leaf
    as_of: int
    members: BitMap | None = None
    owners: set[str] = field(default_factory=set)
    loading: bool = False
    computing: list[Computing] = field(default_factory=list)
    drops: int = 0
    used: int = 0
    # The names that the condition was last seen to fit.
    names: Names | None = None
    # For each edge a stretch, [from, until), in which nobody has a value.
    quiet: dict[int, tuple[int, int]] = field(default_factory=dict)
    # Whether time alone, and whether the workspace's time zone, decides about who is in the set.
    moves: bool = field(init=False)
    zoned: bool = field(init=False)

    def __post_init__(self) -> None:
        self.moves = clock_of(self.leaf) is not None
        self.zoned = uses_zone(self.leaf)

    def is_quiet(self, edge: int, start: int, end: int) -> bool:
        """Whether nobody has a value from `start` up to `end`, as far as is known."""
        first, until = self.quiet.get(edge, (0, 0))
        return first <= start and end <= until

    def drop(self) -> None:
        """Forget the set, and one that is being computed."""
        self.members = None
        self.drops += 1
        self.quiet.clear()

    def put(self, members: BitMap, now_ms: int) -> None:
        """Hold a set as of an instant."""
        self.members, self.as_of = members, now_ms


@dataclass(eq=False)
class Computing:
    """A set that is being computed outside the lock.

    `patches` came meanwhile: the people, who of them is in, and the instant (ms) of that.
    """

    state: LeafState
    drops: int
    patches: list[tuple[BitMap, BitMap, int]] = field(default_factory=list)

    def put(self, members: BitMap, now_ms: int) -> None:
        """Hold what was computed as of an instant, with the patches over it; not when it was forgotten meanwhile."""
        if self.state.drops != self.drops:
            return
        for changed, found, at_ms in self.patches:
            members, now_ms = (members - changed) | found, min(now_ms, at_ms)
        self.state.put(members, now_ms)

    def advance(self, people: BitMap, found: BitMap | None, now_ms: int) -> None:
        """Bring the set to an instant: `found` are those of some people who are in it then, None where nobody moved."""
        members = self.state.members
        # Whoever was faster has brought it further.
        if members is not None and self.state.as_of <= now_ms:
            self.put(members if found is None else (members - people) | found, now_ms)


@dataclass
class Hits:
    """What the last batch found: for some people, who of them each condition holds at a moment."""

    people: BitMap
    sets: dict[str, BitMap]
    moment: Moment


class Held:
    """The conditions of one index by key. `lock` guards them; what is computed takes its time outside it."""

    def __init__(self, lock: threading.RLock) -> None:
        self.lock = lock
        self.states: dict[str, LeafState] = {}
        # Counts what makes it uncertain which values people have.
        self.patches = 0
        self._loaded = threading.Condition(lock)
        self._uses = 0

    def pin(self, owner: str, wanted: Leaves, now_ms: int) -> None:
        """Keep these conditions for an owner, and not those that it pinned before."""
        with self.lock:
            for key, state in self.states.items():
                if key not in wanted:
                    state.owners.discard(owner)
            for key, leaf in wanted.items():
                self._state(key, leaf, now_ms).owners.add(owner)

    def pinned(self) -> dict[str, LeafState]:
        """The conditions that someone has pinned."""
        with self.lock:
            return {key: state for key, state in self.states.items() if state.owners}

    def drop(self, concerned: Callable[[LeafState], bool] = lambda state: True) -> None:
        """Forget the sets of some conditions."""
        with self.lock:
            self.patches += 1
            for state in filter(concerned, self.states.values()):
                state.drop()

    def forget_unused(self, *, most: int, most_bytes: int) -> None:
        """Let go of conditions that nobody pinned, the longest unused first, beyond a number and a size of sets."""
        with self.lock:
            loose = [(state.used, key) for key, state in self.states.items() if not state.owners and not state.loading]
            held = 0
            for i, (_, key) in enumerate(sorted(loose, reverse=True)):
                members = self.states[key].members
                held += 0 if members is None else size_of(members)
                if i >= most or held > most_bytes:
                    del self.states[key]

    def open(self) -> Leaves:
        """Every condition, before people are asked about again: nothing is known about their values meanwhile."""
        with self.lock:
            self.patches += 1
            for state in self.states.values():
                state.quiet.clear()
            return {key: state.leaf for key, state in self.states.items()}

    def patch(self, changed: BitMap, hits: Mapping[str, BitMap], now_ms: int) -> None:
        """Put into each set who of the changed people belongs to it at an instant."""
        with self.lock:
            self.patches += 1
            for key, found in hits.items():
                state = self.states.get(key)
                if state is None:
                    continue
                for each in state.computing:
                    each.patches.append((changed, found, now_ms))
                if state.members is not None:
                    # Read later than the patch was made, a set has passed edges that these people have yet to meet.
                    state.put((state.members - changed) | found, min(state.as_of, now_ms))

    def load(self, leaves: Leaves, now_ms: int, compute: Callable[[Leaves], dict[str, BitMap]]) -> bool:
        """Have the set of each of these conditions, as of an instant where it is not there; whether any was missing."""
        with self.lock:
            mine: dict[str, LeafState] = {}
            others: list[LeafState] = []
            for key, leaf in leaves.items():
                state = self._state(key, leaf, now_ms)
                if state.loading:
                    others.append(state)
                elif state.members is None:
                    state.loading, mine[key] = True, state
        if not mine and not others:
            return False
        try:
            with self.computing(mine) as begun:
                found = compute({key: state.leaf for key, state in mine.items()}) if mine else {}
                with self.lock:
                    for key, members in found.items():
                        begun[key].put(members, now_ms)
        finally:
            with self.lock:
                for state in mine.values():
                    state.loading = False
                self._loaded.notify_all()
        with self.lock:
            while any(state.loading for state in others):
                self._loaded.wait(timeout=30)
        return bool(mine)

    @contextmanager
    def computing(self, states: Mapping[str, LeafState]) -> Iterator[dict[str, Computing]]:
        """While sets are computed, what is patched is kept for them."""
        with self.lock:
            begun = {key: Computing(state, state.drops) for key, state in states.items()}
            for each in begun.values():
                each.state.computing.append(each)
        try:
            yield begun
        finally:
            with self.lock:
                for each in begun.values():
                    each.state.computing.remove(each)

    def behind(self, keys: Iterable[str], now_ms: int, slack_ms: int) -> dict[str, LeafState]:
        """Those of these conditions whose set the clock moves, and which is older than is let pass."""
        with self.lock:
            found = {key: self.states[key] for key in keys if key in self.states}
            return {
                key: state
                for key, state in found.items()
                if state.moves and state.members is not None and now_ms - state.as_of >= slack_ms
            }

    def take(self, keys: Iterable[str], fits: Callable[[LeafState], bool]) -> dict[str, BitMap]:
        """The sets of these conditions that are there and fit."""
        with self.lock:
            self._uses += 1
            found = {}
            for key in keys:
                state = self.states.get(key)
                if state is not None and state.members is not None and fits(state):
                    state.used = self._uses
                    found[key] = state.members
            return found

    def sets(self) -> list[BitMap]:
        """Every set that is held."""
        with self.lock:
            return [state.members for state in self.states.values() if state.members is not None]

    def _state(self, key: str, leaf: tree.Leaf, now_ms: int) -> LeafState:
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = LeafState(leaf, now_ms)
        return state
