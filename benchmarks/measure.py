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

    @property
    def usual_round_trips(self) -> int | None:
        return Counter(self.round_trips).most_common(1)[0][0] if self.round_trips else None


class Ping:
    """One `SELECT 1`: what a round trip costs on a path at least."""

    name = "ping"

    def __init__(self, path: Path) -> None:
        self._connection = psycopg.connect(path.dsn, autocommit=True, prepare_threshold=0)

    def take(self) -> float:
        started = perf_counter()
        self._connection.execute("SELECT 1").fetchall()
        return perf_counter() - started

    def close(self) -> None:
        self._connection.close()


@dataclass(slots=True)
class Contest:
    """Rivals that stand ready on every path, and what was measured of them."""

    workload: Workload
    users: Mapping[str, UUID]
    rivals: Mapping[tuple[str, str], Rival]
    pings: Mapping[str, Ping]
    paths: Sequence[Path]
    chance: random.Random
    number: int = 0
    samples: dict[tuple[str, str], Samples] = field(default_factory=dict)

    def run(self, rounds: int, progress: Callable[[], None]) -> None:
        for rival in self.rivals.values():
            for _ in range(WARM_UP):
                self.take(rival)
        for _ in range(rounds):
            for path in self.paths:
                self.take_round(path)
            progress()

    def take_round(self, path: Path) -> None:
        """All rivals once, in a new order, on invoices with the same lines."""
        entrants: list[Rival | Ping] = [rival for (name, _), rival in self.rivals.items() if name == path.name]
        entrants += [self.pings[path.name]] * PINGS
        self.chance.shuffle(entrants)
        self.number += 1
        for entrant in entrants:
            taken = self.samples.setdefault((path.name, entrant.name), Samples())
            if isinstance(entrant, Ping):
                taken.seconds.append(entrant.take())
            else:
                taken.seconds.append(self.take(entrant, path.wire, taken, number=self.number))

    def take(self, rival: Rival, wire: Wire | None = None, taken: Samples | None = None, *, number: int | None = None) -> float:
        """Seconds for one booking. Documents are made, and the wire is read, outside of them."""
        if number is None:
            self.number += 1
        user_id = self.users[rival.tenant]
        document = rival.document(self.workload, self.number)
        rival.set_up(user_id, document)
        if wire is not None:
            wire.reset()
        started = perf_counter()
        rival.book(user_id, document)
        seconds = perf_counter() - started
        if wire is not None and taken is not None:
            taken.round_trips.append(wire.round_trips())
        return seconds


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
