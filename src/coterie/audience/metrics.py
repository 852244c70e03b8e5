"""What this process holds in memory for its answers, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from coterie.audience.index import indexes


class SetsCollector(Collector):
    """Sets of people in memory, by workspace: counted when they are asked for, as readers change them all the time."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families of this moment; nothing before the first question about people."""
        count = GaugeMetricFamily("coterie_sets", "Sets of people in memory.", labels=("workspace", "kind"))
        size = GaugeMetricFamily("coterie_sets_bytes", "Bytes of the sets of people in memory.", labels=("workspace",))
        for index in indexes():
            found, slug = index.size_of_sets(), index.slug
            for kind in ("conditions", "named"):
                count.add_metric((slug, kind), found[kind])
            size.add_metric((slug,), found["bytes"])
        yield count
        yield size
