"""What Prometheus may ask: counters and histograms of every process, and numbers that are read when it asks.

Labels are names that the code has (routes, scopes, states), never what a client wrote.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.registry import REGISTRY, Collector

from policystudio.lib.metrics_folder import VARIABLE

#: In the place of a process's number: all that ended.
ENDED = "ended"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

REQUESTS = Histogram(
    "policystudio_request_seconds",
    "Seconds until an answer was begun, by route, method and status.",
    ["route", "method", "status"],
    buckets=_SECONDS,
)
RATE_LIMITED = Counter("policystudio_rate_limited", "Requests refused because a client asked too often.", ["scope"])
TOO_COSTLY = Counter("policystudio_too_costly", "Requests ended because their analysis was too costly.", ["route"])
SIGN_IN_FAILURES = Counter("policystudio_sign_in_failures", "Sign-ins with a wrong name or password.")
LOCKOUTS = Counter("policystudio_sign_in_lockouts", "User names and addresses locked after too many failures.")
WORK = Histogram(
    "policystudio_work_seconds",
    "Seconds of background work, by what was worked out and how it ended.",
    ["work", "end"],
    buckets=(0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800),
)
ANALYSES = Histogram(
    "policystudio_analysis_seconds",
    "Seconds of the processor's time for what a request had worked out, by its kind and what came of it.",
    ["kind", "outcome"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30),
)
DELIVERIES = Counter(
    "policystudio_webhook_attempts", "Attempts to deliver a message to a webhook, by what came of them.", ["outcome"]
)
CACHE = Counter(
    "policystudio_cache_lookups", "Look-ups of what was read, parsed or compiled before.", ["cache", "found"]
)

#: Read when Prometheus asks: a number for each set of labels.
Reading = Callable[[], Mapping[tuple[str, ...], float]]
_readings: dict[str, tuple[str, tuple[str, ...], Reading]] = {}


def read_when_asked(name: str, about: str, labels: tuple[str, ...], reading: Reading) -> None:
    """Show under ``name`` what ``reading`` gives when Prometheus asks: the rows of the database are the record."""
    _readings[name] = (about, labels, reading)


def method_label(method: str | None) -> str:
    """The method, as long as it is one of HTTP's own."""
    return method if method in _METHODS else "other"


def looked_up(cache: str, *, found: bool) -> None:
    """Count that a cache of this process was asked, and whether it had it."""
    CACHE.labels(cache, "yes" if found else "no").inc()


class _Readings(Collector):
    """What is read when asked, as Prometheus's gauges."""

    def collect(self) -> Iterator[Metric]:
        """A family for each reading."""
        for name, (about, labels, reading) in sorted(_readings.items()):
            family = GaugeMetricFamily(name, about, labels=labels)
            for values, number in sorted(reading().items()):
                family.add_metric(values, number)
            yield family


def exposition() -> bytes:
    """All metrics in Prometheus's text format: of every process that keeps them in one folder, or of this one."""
    registry = CollectorRegistry()
    registry.register(_Readings())
    if os.environ.get(VARIABLE):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)


def absorb(folder: Path, process: int) -> None:
    """Add what a process that ended has counted to one file for all of them: else there would be ever more files."""
    file_of: Any = MmapedDict  # the library has no types here
    for file in folder.glob(f"*_{process}.db"):
        kind = file.stem.rpartition("_")[0]
        sums = file_of(str(folder / f"{kind}_{ENDED}.db"))
        for key, value, _moment, _place in file_of.read_all_values_from_file(str(file)):
            before, _ = sums.read_value(key)
            sums.write_value(key, before + value, 0.0)
        sums.close()
        file.unlink()
