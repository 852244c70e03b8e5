"""The sets of one workspace in memory: conditions' sets, named sets, everyone; kept current by change and by clock."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache, partial

from django.conf import settings
from pyroaring import BitMap

from coterie.accounts.models import Workspace
from coterie.audience import algebra
from coterie.audience.bitmaps import size_of
from coterie.audience.engine import Engine, engine
from coterie.audience.held import Held, Hits, LeafState
from coterie.audience.leaves import Leaves, Range, Reader, Staged, leaf_edges
from coterie.audience.names import Names, load_names
from coterie.audience.predicates import Bound, predicate
from coterie.filters import tree
from coterie.filters.errors import InvalidFilter, UnknownSegment
from coterie.filters.moment import Moment
from coterie.filters.normal import clock_of, is_daily, leaf_key, leaves_of, positive_tree, uses_zone
from coterie.kit import clock
from coterie.people.models import Person

# Filters come again and again: their normal forms and keys are kept.
_positive = lru_cache(maxsize=4096)(positive_tree)
_key = lru_cache(maxsize=16384)(leaf_key)

# Sets of conditions that nobody pinned: this many are kept, the longest unused goes first. The largest filter and what
# is asked about its conditions need 400.
UNPINNED = 512
# The clocks of several servers may differ by so much (ms).
CLOCKS_APART_MS = 60_000


class PeopleIndex:
    """Everything a filter is made of, for one workspace.

    Sets are replaced, never changed in place, so a reader that took one keeps it whole. `lock` guards the memory; slow
    reads of ClickHouse happen outside it, and a set that is being loaded collects the patches of meanwhile.
    """

    def __init__(self, workspace: Workspace, source: Engine | None = None) -> None:
        self.workspace_id: int = workspace.pk
        self.slug: str = workspace.slug
        self.zone: str = workspace.timezone
        self.reader = Reader(source or engine(), workspace.pk, self._with_merged, lambda: bool(self.merges))
        self.lock = threading.RLock()
        self.held = Held(self.lock)
        self.seq = 0
        self.clock_ms = 0
        self.named: dict[str, BitMap] = {}
        self.named_position = 0
        self.merges: dict[int, int] = {}
        self.merged_into: dict[int, BitMap] = {}
        self.names: Names = load_names(workspace.pk)
        # A set that the clock moves is advanced at most once in this time (ms).
        self.slack_ms = 1000
        # Held by whoever moves the index on in the log: the projector, or a reader that follows it.
        self.moving = threading.RLock()
        self._universe: BitMap | None = None
        self._hits: Hits | None = None

    # Everyone and filters

    def everyone(self) -> BitMap:
        """The live people."""
        if self._universe is None:
            found = self.reader.everyone()
            with self.lock:
                if self._universe is None:
                    self._universe = found
        return self._universe

    def evaluate(self, node: tree.Node, among: BitMap | None = None, now_ms: int | None = None) -> BitMap:
        """The people of a filter, all or among some, at one instant (epoch ms; default: now).

        Raises InvalidFilter for what can't be answered, an unknown segment among it: a broken filter is an error, never
        everyone.
        """
        moment = self.moment(now_ms)
        positive = _positive(node)
        leaves, segments = self._collect(positive)
        missing = [name for name in segments if name not in self.named]
        if missing:
            raise UnknownSegment(missing[0])
        self._check(leaves)
        everyone = self.everyone()
        if among is None:
            everyone, sets = self._whole(leaves, moment)
        else:
            everyone, sets = everyone & among, self._among(leaves, among, moment)
        return algebra.fold(positive, everyone, lambda leaf: self._leaf_set(leaf, sets))

    def condition_sets(
        self, leaves: Leaves, *, among: BitMap | None = None, now_ms: int | None = None
    ) -> dict[str, BitMap]:
        """The set of each positive condition by its key, all or (at least) among some: what `algebra.fold` takes."""
        moment = self.moment(now_ms)
        return self._whole(leaves, moment)[1] if among is None else self._among(leaves, among, moment)

    def size_of_sets(self) -> dict[str, int]:
        """How many sets are held and how many bytes they take, for operators."""
        with self.lock:
            held, named = self.held.sets(), list(self.named.values())
        return {"conditions": len(held), "named": len(named), "bytes": sum(size_of(one) for one in held + named)}

    def present(self) -> int:
        """The instant (ms) that answers are for: now, or where a process with a faster clock has brought the sets."""
        now = clock.to_ms(clock.now())
        return self.clock_ms if now < self.clock_ms <= now + CLOCKS_APART_MS else now

    def moment(self, now_ms: int | None = None) -> Moment:
        """The frozen now of an evaluation, in the workspace's zone."""
        return Moment(self.present() if now_ms is None else now_ms, self.zone)

    # Pins

    def pin(self, owner: str, nodes: Iterable[tree.Node]) -> None:
        """Keep the conditions of these nodes current for an owner; replaces what it pinned before."""
        wanted: dict[str, tree.Leaf] = {}
        for node in nodes:
            wanted.update(self._collect(_positive(node))[0])
        self.held.pin(owner, wanted, self.clock_ms or self.moment().now_ms)

    def unpin(self, owner: str) -> None:
        """Let go of what an owner pinned."""
        self.pin(owner, ())

    def drop_field(self, name: str) -> None:
        """Forget every set over a field whose type changed or that is gone."""
        with self.lock:
            self.names = load_names(self.workspace_id)
            self.held.drop(lambda state: getattr(state.leaf, "field", None) == name)

    def change_zone(self, zone: str) -> None:
        """Read days and written times in another time zone from now on; forget every set that this decides about."""
        with self.lock:
            self.zone = zone
            self._hits = None
            self.held.drop(lambda state: state.zoned)

    # Keeping current

    def apply(self, changed: BitMap, now_ms: int | None = None, staged: Staged | None = None) -> None:
        """Patch every set for people whose rows or events in the index have changed.

        `staged` are the rows of all of them, when they are at hand.
        """
        moment = self.moment(now_ms)
        if not changed:
            self._hits = Hits(BitMap(), {}, moment)
            return
        self._forget_unused()
        leaves = self.held.open()
        live = BitMap(staged.numbers) if staged else self.reader.everyone(changed)
        hits = self.reader.compute(leaves, self.names, moment, among=changed, staged=staged)
        with self.lock:
            if self._universe is not None:
                self._universe = (self._universe - changed) | live
            hits = {key: found & live for key, found in hits.items()}
            self.held.patch(changed, hits, moment.now_ms)
            self._hits = Hits(changed, hits, moment)

    def due(self, now_ms: int) -> BitMap:
        """The people whom the clock may have moved over an edge of a pinned condition since it was last advanced.

        The caller applies them and then calls `advanced`.
        """
        with self.lock:
            pinned, since = self.held.pinned(), self.clock_ms
        return self._crossed(pinned, dict.fromkeys(pinned, since), self.moment(now_ms))[0]

    def moves_with_clock(self) -> bool:
        """Whether any pinned condition can change with no write at all."""
        moment, pinned = self.moment(), [state.leaf for state in self.held.pinned().values()]
        return any(is_daily(leaf) or leaf_edges(leaf, self.names, moment) for leaf in pinned)

    def advanced(self, now_ms: int) -> None:
        """Note that the memberships of pinned conditions are current up to an instant."""
        with self.lock:
            for state in self.held.pinned().values():
                if state.as_of >= self.clock_ms:
                    state.as_of = max(state.as_of, now_ms)
            self.clock_ms = now_ms

    def add_merges(self, pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
        """Note merges (from, to); the answer is each number whose survivor changed, with its survivor."""
        moved: dict[int, int] = {}
        with self.lock:
            for source, target in pairs:
                final = self.merges.get(target, target)
                for number in (source, *self.merged_into.pop(source, BitMap())):
                    self.merges[number] = final
                    self.merged_into.setdefault(final, BitMap()).add(number)
                    moved[number] = final
        return moved

    def load_merges(self) -> None:
        """Read every merge from SQL."""
        pairs = merged_people(self.workspace_id)
        with self.lock:
            self.merges = {}
            self.merged_into = {}
            self.add_merges(pairs)

    def undo_merges(self, numbers: Iterable[int]) -> dict[int, int]:
        """Read every merge from SQL anew, since those of some people were undone.

        The answer is whose events belong to whom by now, for these people, those merged into them and everyone else
        whose survivor is another one: 0 for themselves.
        """
        before = dict(self.merges)
        self.load_merges()
        with self.lock:
            known = before.keys() | self.merges.keys()
            changed = {number for number in known if before.get(number) != self.merges.get(number)}
            for number in numbers:
                changed.add(number)
                changed.update(self.merged_into.get(self.merges.get(number, number), ()))
            return {number: self.merges.get(number, 0) for number in changed}

    def reload_names(self) -> None:
        """Read the names of fields, events and properties anew."""
        found = load_names(self.workspace_id)
        if found != self.names:
            self.names = found

    def reset(self) -> None:
        """Forget what was read from ClickHouse, because it was made anew."""
        with self.lock:
            self._universe = None
            self._hits = None
            self.held.drop()

    def follow(self, workspace: Workspace) -> None:
        """Catch up with what another process has projected; nothing to do where this process is the projector."""
        if self.reader.engine.path:
            return
        from coterie.audience import follower

        follower.follow(workspace, self)

    # Inside

    def _with_merged(self, people: BitMap) -> BitMap:
        extra = [self.merged_into[number] for number in people if number in self.merged_into]
        return people.union(*extra) if extra else people

    def _collect(self, positive: tree.Node) -> tuple[dict[str, tree.Leaf], set[str]]:
        leaves: dict[str, tree.Leaf] = {}
        segments: set[str] = set()
        for leaf in leaves_of(positive):
            if isinstance(leaf, tree.SegmentCondition):
                segments.update(leaf.segments)
            else:
                leaves[_key(leaf)] = leaf
        return leaves, segments

    def _check(self, leaves: Leaves) -> None:
        """Raise InvalidFilter when a field is unknown or of another type; names are read anew before giving up."""
        for again in (True, False):
            try:
                for key, leaf in leaves.items():
                    state = self.held.states.get(key)
                    if state is None or state.names is not self.names:
                        predicate(leaf, self.names, self.moment(), Bound())
                        if state is not None:
                            state.names = self.names
                break
            except InvalidFilter:
                if not again:
                    raise
                self.reload_names()

    def _leaf_set(self, leaf: tree.Leaf | tree.SegmentCondition, sets: dict[str, BitMap]) -> BitMap:
        if isinstance(leaf, tree.SegmentCondition):
            return algebra.named_set(leaf, self.named)
        return sets[_key(leaf)]

    def _whole(self, leaves: Leaves, moment: Moment) -> tuple[BitMap, dict[str, BitMap]]:
        """Everyone and the conditions' sets, taken together."""
        compute = partial(self.reader.compute, names=self.names, moment=moment)
        shared = {key: leaf for key, leaf in leaves.items() if self._may_keep(leaf, moment)}
        loaded = self.held.load(shared, moment.now_ms, compute)
        self._advance(leaves, moment)
        with self.lock:
            everyone = self.everyone()
            found = self.held.take(leaves, lambda state: self._holds(state, moment))
        if loaded:
            self._forget_unused()
        # A set of another moment than the index's is made for this answer alone; so is one that was forgotten just now.
        lost = {key: leaf for key, leaf in leaves.items() if key not in found}
        return everyone, found | (compute(lost) if lost else {})

    def _may_keep(self, leaf: tree.Leaf, moment: Moment) -> bool:
        """Whether others can use a condition's set of this moment: not one of the future, nor of another zone."""
        if uses_zone(leaf) and moment.zone != self.zone:
            return False
        return clock_of(leaf) is None or self.clock_ms <= moment.now_ms <= self.present()

    def _holds(self, state: LeafState, moment: Moment) -> bool:
        """Whether a set that is held is that of this moment, but for what is let pass."""
        if state.zoned and moment.zone != self.zone:
            return False
        return not state.moves or abs(moment.now_ms - state.as_of) < max(1, self.slack_ms)

    def _among(self, leaves: Leaves, among: BitMap, moment: Moment) -> dict[str, BitMap]:
        hits = self._hits
        sets: dict[str, BitMap] = {}
        if hits is not None and hits.moment == moment and (hits.people is among or among.issubset(hits.people)):
            sets = {key: hits.sets[key] for key in leaves if key in hits.sets}
        missing = {key: leaf for key, leaf in leaves.items() if key not in sets}
        if missing:
            sets |= self.reader.compute(missing, self.names, moment, among=among)
        return sets

    def _advance(self, keys: Iterable[str], moment: Moment) -> None:
        """Bring sets that the clock moves to a moment that is not ahead of the index's present."""
        if moment.zone != self.zone or moment.now_ms > self.present():
            return
        states = self.held.behind(keys, moment.now_ms, max(1, self.slack_ms))
        if not states:
            return
        with self.held.computing(states) as begun:
            since = {key: state.as_of for key, state in states.items()}
            people, moving = self._crossed(states, since, moment)
            leaves = {key: states[key].leaf for key in moving} if people else {}
            hits = self.reader.compute(leaves, self.names, moment, among=people) if leaves else {}
            with self.lock:
                for key, each in begun.items():
                    each.advance(people, hits.get(key), moment.now_ms)

    def _crossed(self, states: dict[str, LeafState], since: dict[str, int], moment: Moment) -> tuple[BitMap, list[str]]:
        """The people whom the clock moved over an edge of some condition since an instant, and the conditions moved."""
        ranges: list[tuple[LeafState, int, Range]] = []
        moving: list[str] = []
        people = BitMap()
        for key, start in since.items():
            state, then = states[key], Moment(start, self.zone)
            if is_daily(state.leaf) and then.day() != moment.day():
                people |= self.everyone()
                moving.append(key)
                continue
            old, new = leaf_edges(state.leaf, self.names, then), leaf_edges(state.leaf, self.names, moment)
            moved = [
                (state, i, Range(was, now.at))
                for i, (was, now) in enumerate(zip(old, new, strict=True))
                if now.at > was.at and not state.is_quiet(i, was.at, now.at)
            ]
            if moved:
                moving.append(key)
                ranges.extend(moved)
        if not ranges:
            return people, moving
        patches = self.held.patches
        crossed, nexts = self.reader.crossed([each for _, _, each in ranges])
        with self.lock:
            # Values that were patched meanwhile may lie lower: then nothing is known about what comes next.
            if patches == self.held.patches:
                for (state, i, each), lowest in zip(ranges, nexts, strict=True):
                    state.quiet[i] = (each.to, lowest)
        return people | crossed, moving

    def _forget_unused(self) -> None:
        self.held.forget_unused(most=UNPINNED, most_bytes=settings.COTERIE_SETS_MB * 1024 * 1024)


def merged_people(workspace_id: int) -> list[tuple[int, int]]:
    """Everyone who was merged away, with whom they were merged into."""
    rows = Person.objects.of(workspace_id).filter(merged_into__isnull=False).values_list("number", "merged_into")
    return [(number, into) for number, into in rows if into is not None]


_indexes: dict[int, PeopleIndex] = {}
_lock = threading.Lock()


def index_of(workspace: Workspace) -> PeopleIndex:
    """The process's index of a workspace, started on first use."""
    from coterie.audience.startup import start

    with _lock:
        found = _indexes.get(workspace.pk)
        if found is None:
            found = PeopleIndex(workspace)
            start(workspace, found)
            _indexes[workspace.pk] = found
        return found


def indexes() -> list[PeopleIndex]:
    """The indexes of workspaces that this process has started."""
    with _lock:
        return list(_indexes.values())


def forget_indexes() -> None:
    """Drop every index from memory; the next use starts it anew."""
    with _lock:
        _indexes.clear()
