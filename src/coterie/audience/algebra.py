"""The boolean algebra of a filter, on sets of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyroaring import BitMap

from coterie.filters import tree

LeafSet = Callable[[tree.Leaf | tree.SegmentCondition], BitMap]


def fold(node: tree.Node, universe: BitMap, leaf_set: LeafSet) -> BitMap:
    """The people of a filter, out of `universe`.

    `leaf_set` answers a *positive* condition's set (any superset of universe & set will do). An empty `all` is
    everyone, an empty `any` is nobody. The answer is a new set.
    """
    if isinstance(node, tree.All):
        result = universe
        for child in node.of:
            result = result & fold(child, result, leaf_set)
            if not result:
                break
        return result.copy()
    if isinstance(node, tree.Any):
        result = BitMap()
        for child in node.of:
            result |= fold(child, universe, leaf_set)
        return result
    if isinstance(node, tree.Not):
        return universe - fold(node.of, universe, leaf_set)
    return universe & leaf_set(node)


def named_set(condition: tree.SegmentCondition, named: Mapping[str, BitMap]) -> BitMap:
    """The people of a positive membership condition; KeyError when a segment is not in `named`."""
    members = [named[name] for name in condition.segments]
    if not members:
        return BitMap()
    if condition.op == "in_all":
        return BitMap.intersection(*members)
    return BitMap.union(*members)


def regions(sets: list[BitMap], universe: BitMap) -> dict[int, int]:
    """How many people are in exactly these sets: bit i of the key says whether set i holds them; 2^n - 1 regions.

    Counts of exact regions come from counts of intersections by inclusion and exclusion (a Moebius transform), so that
    each of the 2^n - 1 intersections is taken once.
    """
    count = len(sets)
    inside = [one & universe for one in sets]
    meets: dict[int, BitMap] = {1 << i: inside[i] for i in range(count)}
    sizes = [0] * (1 << count)
    for mask in range(1, 1 << count):
        low = mask & -mask
        if mask == low:
            sizes[mask] = len(meets[mask])
        elif mask.bit_count() == 2:
            other = mask ^ low
            meets[mask] = meets[low] & meets[other]
            sizes[mask] = len(meets[mask])
        else:
            rest = mask ^ low
            if (rest & (rest - 1)) and mask != (1 << count) - 1:
                meets[mask] = meets[rest] & meets[low]
                sizes[mask] = len(meets[mask])
            else:
                sizes[mask] = meets[rest].intersection_cardinality(meets[low])
    for bit in range(count):
        for mask in range(1, 1 << count):
            if not mask & (1 << bit):
                sizes[mask] -= sizes[mask | (1 << bit)]
    return {mask: sizes[mask] for mask in range(1, 1 << count)}
