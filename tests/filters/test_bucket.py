"""Random buckets: spread evenly, and the same for good."""

from collections import Counter

from coterie.filters.bucket import BUCKETS, bucket, bucket_sql


def test_it_works() -> None:
    # As ClickHouse's intHash64 says: a change of these moves people between buckets.
    assert [bucket(number) for number in (1, 123_456)] == [3072, 133]
    assert bucket_sql("n") == "(intHash64(toUInt64(n)) % 10000) / 100"


def test_neighbours_spread_evenly() -> None:
    tenths = Counter(bucket(number) * 10 // BUCKETS for number in range(1, 50_001))
    assert len(tenths) == 10
    assert all(abs(size - 5_000) < 300 for size in tenths.values())
