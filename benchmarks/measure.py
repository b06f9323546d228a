"""Taking turns: every rival on every path in every round, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from uuid import UUID

import psycopg

from benchmarks.rivals.protocol import Rival
from benchmarks.wire import Wire
from benchmarks.workload import Workload

WARM_UP = 7
"""Bookings before it counts: statements are prepared, plans settle at the sixth."""

PINGS = 3
"""Pings a round, spread between the rivals."""


@dataclass(slots=True)
class Path:
    """A way to the server. `wire` is None for the local socket, where nobody counts."""

    name: str
    dsn: str
    wire: Wire | None = None


@dataclass(slots=True)
class Samples:
    """What was measured of one rival on one path: seconds, and round trips where they were counted."""

    seconds: list[float] = field(default_factory=list)
    round_trips: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        low, _, high = quantiles(self.seconds, n=4, method="inclusive")
        return low, high


class Ping:
    """One `SELECT 1`: what a round trip costs on a path at least."""

    name = "ping"

    def __init__(self, path: Path) -> None:
        self._connection = psycopg.connect(path.dsn, autocommit=True, prepare_threshold=0)

    def take(self) -> tuple[float, list[int]]:
        started = perf_counter()
        self._connection.execute("SELECT 1").fetchall()
        return perf_counter() - started, [1]

    def close(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class Contest:
    """Rivals that stand ready on every path, and what was measured of them, by path and name."""

    workload: Workload
    users: Mapping[str, UUID]
    rivals: Mapping[tuple[str, str], Rival]
    pings: Mapping[str, Ping]
    paths: Sequence[Path]
    chance: random.Random
    number: int = 0
    samples: dict[tuple[str, str], Samples] = field(default_factory=dict)

    def warm_up(self) -> None:
        for rival in self.rivals.values():
            for _ in range(WARM_UP):
                self.number += 1
                self.take(rival, None)

    def take_round(self) -> None:
        """All rivals once on every path, in a new order, on invoices with the same lines."""
        for path in self.paths:
            self.number += 1
            entrants: list[Rival | Ping] = [rival for (name, _), rival in self.rivals.items() if name == path.name]
            entrants += [self.pings[path.name]] * PINGS
            self.chance.shuffle(entrants)
            for entrant in entrants:
                taken = self.samples.setdefault((path.name, entrant.name), Samples())
                seconds, round_trips = entrant.take() if isinstance(entrant, Ping) else self.take(entrant, path.wire)
                taken.seconds.append(seconds)
                taken.round_trips += round_trips

    def take(self, rival: Rival, wire: Wire | None) -> tuple[float, list[int]]:
        """Seconds and round trips of one booking. The document is made, and the wire is read, outside of them."""
        user_id, document = self.users[rival.tenant], rival.document(self.workload, self.number)
        rival.set_up(user_id, document)
        if wire is not None:
            wire.reset()
        started = perf_counter()
        rival.book(user_id, document)
        seconds = perf_counter() - started
        return seconds, [] if wire is None else [wire.round_trips()]

    def round_trips_of(self, name: str) -> int | None:
        """The usual number, over all paths on which somebody counts."""
        counted = Counter(number for (_, rival), taken in self.samples.items() if rival == name for number in taken.round_trips)
        return counted.most_common(1)[0][0] if counted else None


@contextmanager
def paths_to(dsn: str, delays: Sequence[float]) -> Iterator[list[Path]]:
    """The local socket, and a proxy for each delay (milliseconds)."""
    with ExitStack() as stack:
        paths = [Path("direct", dsn)]
        for delay in delays:
            wire = stack.enter_context(Wire(dsn, delay=delay / 1000))
            paths.append(Path(f"{delay:g} ms", wire.dsn, wire))
        yield paths


@contextmanager
def contest(
    workload: Workload, users: Mapping[str, UUID], kinds: Sequence[Callable[[], Rival]], paths: Sequence[Path]
) -> Iterator[Contest]:
    """Every kind of rival, connected on every path."""
    with ExitStack() as stack:
        rivals: dict[tuple[str, str], Rival] = {}
        for path in paths:
            for kind in kinds:
                rival = kind()
                rival.prepare(path.dsn)
                stack.callback(rival.close)
                rivals[path.name, rival.name] = rival
        pings = {path.name: Ping(path) for path in paths}
        for ping in pings.values():
            stack.callback(ping.close)
            ping.take()
        yield Contest(workload, users, rivals, pings, paths, random.Random(workload.seed))
