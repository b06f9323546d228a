"""How long matching takes as the catalog grows: 15 lines that nobody knows, looked up in one statement and planned.

Each size has a database of its own, so that a small catalog is not charged with the index of a large one. Every line means an
item of the catalog, written in another way: what nobody has is found sooner.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from time import perf_counter
from uuid import UUID

from benchmarks.matching_catalog import (
    FILL,
    LINES,
    POLICY,
    Connection,
    fill,
    flown,
    invoice_of,
    item_id,
    item_row,
    look_up_flight,
)
from benchmarks.matching_names import as_a_line_has_it, names
from benchmarks.matching_sets import Text
from benchmarks.progress import shown
from invoicedb.domain import reading
from invoicedb.flights import Flight, Landing, given
from invoicedb.ids import uuid7
from invoicedb.models import Invoice
from invoicedb.operations.ingest.look_up import LOOK_UP_LOST, Snapshot
from invoicedb.operations.ingest.plan import plan_lines

TENANT = UUID("3f0a9c57-1d52-4c5e-9b0e-6c2b7c1d8e21")
BATCH = 20_000
"""Items that are copied at once."""

WARM_UP = 6
"""Rounds before it counts: statements are prepared, what every look-up needs is in memory."""


@dataclass(slots=True)
class Measured:
    """One size. Times are seconds of a round of 15 lines: `look_ups` of the statement, `first` and `again` of the plan.

    `first`: every name is read for the first time, as in a new process; `again`: every name was read before. Of `lines`,
    `found` have the item that they mean among their candidates.
    """

    items: int
    keys: int
    look_ups: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    lines: int = 0
    found: int = 0

    @property
    def per_line(self) -> float:
        """Candidates and decision of one line, in seconds."""
        return (median(self.look_ups) + median(self.first)) / LINES


def measure(connection: Connection, size: int, rounds: int, seed: int) -> Measured:
    """Fill a catalog and ask it. `connection` is to a migrated database without items."""
    chance = random.Random(f"{seed} {size}")
    places = [chance.randint(1, size) for _ in range((rounds + WARM_UP) * LINES)]
    asked = filled(connection, shown(islice(names(seed), size), f"{size:,} items: filling", size), frozenset(places))
    [(keys,)] = connection.execute(FILL["count_match_keys"]).fetchall()
    measured = Measured(size, keys)
    lines = (as_a_line_has_it(asked[place], chance) for place in places)
    for number in shown(range(rounds + WARM_UP), f"{size:,} items: measuring", rounds + WARM_UP):
        take_round(connection, list(islice(lines, LINES)), measured if number >= WARM_UP else Measured(size, keys))
    return measured


# ---- the catalog -----------------------------------------------------------------------------------------------------------


def filled(connection: Connection, items: Iterable[Text], places: frozenset[int]) -> Mapping[int, Text]:
    """Add the items; those at `places` are given back."""
    asked: dict[int, Text] = {}
    coming = enumerate(items, 1)
    connection.execute(FILL["drop_key_index"])
    while batch := list(islice(coming, BATCH)):
        asked.update((place, item) for place, item in batch if place in places)
        fill(connection, (item_row(TENANT, place, item) for place, item in batch))
    for step in shown(("make_key_index", "vacuum_analyze"), "indexing", 2):
        connection.execute(FILL[step])
    return asked


# ---- one round -------------------------------------------------------------------------------------------------------------


def take_round(connection: Connection, lines: Sequence[Text], measured: Measured) -> None:
    invoice = invoice_of(TENANT, lines)
    seconds, snapshot = timed_look_up(connection, invoice)
    measured.look_ups.append(seconds)
    forget_readings()
    measured.first.append(timed_plan(invoice, snapshot))
    measured.again.append(timed_plan(invoice, snapshot))
    measured.lines += len(lines)
    measured.found += found(lines, snapshot)


def timed_look_up(connection: Connection, invoice: Invoice) -> tuple[float, Snapshot]:
    """The statement alone, as ingest prepares it: from when it is sent until its row is here, on a local socket."""
    calls = look_up_flight(invoice).calls
    place = [statement for statement, _ in calls].index(LOOK_UP_LOST)
    before, (statement, params) = calls[:place], calls[place]
    connection.prepare_threshold = 0  # without one psycopg prepares nothing, whatever it is told
    with connection.transaction():
        landing = flown(connection, Flight(before))
        values = given(params)
        started = perf_counter()
        cursor = connection.execute(statement.sql, values, prepare=True)
        seconds = perf_counter() - started
        raw = {**landing.raw, statement.name: cursor.fetchall()}
    return seconds, Snapshot.of(Landing(raw, round_trips=2))


def timed_plan(invoice: Invoice, snapshot: Snapshot) -> float:
    started = perf_counter()
    plan_lines(invoice.lines, snapshot, policy=POLICY, new_id=lambda _: uuid7())
    return perf_counter() - started


def forget_readings() -> None:
    """What a new process has not read yet."""
    for each in vars(reading).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def found(lines: Sequence[Text], snapshot: Snapshot) -> int:
    """How many of the lines have the item that they mean among their candidates."""
    candidates = {(row.line_number, row.item_id) for row in snapshot.candidates if row.hits}
    return sum((number, item_id(TENANT, int(line.id))) in candidates for number, line in enumerate(lines, 1))
