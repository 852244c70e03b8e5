"""Sets of people as roaring bitmaps, and the bytes in which ClickHouse reads and writes them.

Source: ClickHouse `AggregateFunction(groupBitmap, UInt32)`: byte 0, a count and little-endian values for at most 32
members; byte 1, a varint length and the portable CRoaring bytes beyond (RoaringFormatSpec).
"""

from __future__ import annotations

import base64
import struct

from pyroaring import BitMap

_SMALL = 32
EMPTY = BitMap()


class Encoded:
    """Text in base64, to be bound as it is.

    clickhouse-connect looks at each character of a `str` for something to escape, which takes longer than the query
    when the text is a set of a million people; what is not a `str` is bound as its `str()`.
    """

    __slots__ = ("text",)

    def __init__(self, data: bytes) -> None:
        self.text = base64.b64encode(data).decode()

    def __str__(self) -> str:
        return self.text


def size_of(members: BitMap) -> int:
    """The bytes that a set takes in memory, but for some for the object itself."""
    found = members.get_statistics()
    return found["n_bytes_array_containers"] + found["n_bytes_run_containers"] + found["n_bytes_bitset_containers"]


def to_state(members: BitMap) -> Encoded:
    """The set as base64 of a groupBitmap state, for a bound `{name:String}` that SQL casts back."""
    count = len(members)
    if count <= _SMALL:
        return Encoded(bytes([0, count]) + struct.pack(f"<{count}I", *members))
    body = members.serialize()
    return Encoded(b"\x01" + _varint(len(body)) + body)


def state_sql(name: str) -> str:
    """The SQL that turns the bound text back into a state."""
    return f"CAST(base64Decode({{{name}:String}}) AS AggregateFunction(groupBitmap, UInt32))"


def read_states(data: bytes, count: int) -> list[BitMap]:
    """`count` sets from one RowBinary row of groupBitmap states."""
    sets: list[BitMap] = []
    at = 0
    for _ in range(count):
        one, at = _read_state(data, at)
        sets.append(one)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes left after {count} sets")
    return sets


def read_keyed_states(data: bytes) -> list[tuple[int, BitMap]]:
    """The rows of RowBinary (UInt32, groupBitmap state)."""
    rows: list[tuple[int, BitMap]] = []
    at = 0
    while at < len(data):
        (key,) = struct.unpack_from("<I", data, at)
        members, at = _read_state(data, at + 4)
        rows.append((key, members))
    return rows


def read_state_and_numbers(data: bytes) -> tuple[BitMap, list[int]]:
    """A set and an array of Int64 from one RowBinary row."""
    members, at = _read_state(data, 0)
    count, at = _read_varint(data, at)
    return members, list(struct.unpack(f"<{count}q", data[at:]))


def _read_state(data: bytes, at: int) -> tuple[BitMap, int]:
    if data[at] == 0:
        size = data[at + 1]
        end = at + 2 + 4 * size
        return BitMap(struct.unpack(f"<{size}I", data[at + 2 : end])), end
    size, start = _read_varint(data, at + 1)
    return BitMap.deserialize(data[start : start + size]), start + size


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
