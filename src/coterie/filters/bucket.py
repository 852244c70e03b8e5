"""Random buckets: a stable hundredth of a percent for each person, the same in Python and in ClickHouse."""

BUCKETS = 10_000
"""Buckets in all: one is a hundredth of a percent."""

_MASK = 2**64 - 1
_SALT = 0x4CF2D2BAAE6DA887


def bucket(number: int) -> int:
    """The bucket, 0 to 9,999, of the person with that number.

    Source: ClickHouse's `intHash64`, the 64-bit finaliser of MurmurHash3 over the salted number.
    """
    x = (number ^ _SALT) & _MASK
    x ^= x >> 33
    x = x * 0xFF51AFD7ED558CCD & _MASK
    x ^= x >> 33
    x = x * 0xC4CEB9FE1A85EC53 & _MASK
    x ^= x >> 33
    return x % BUCKETS


def percent(number: int) -> float:
    """The bucket as a percentage, 0 to 99.99: what a condition compares."""
    return bucket(number) / (BUCKETS // 100)


def bucket_sql(number: str) -> str:
    """The ClickHouse expression of the same bucket as a percentage, 0 to 99.99, of an expression for the number."""
    return f"(intHash64(toUInt64({number})) % {BUCKETS}) / {BUCKETS // 100}"
