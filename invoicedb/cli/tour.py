"""What the demo does: the sample invoices in their order, what they left behind, and all of them once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from invoicedb import Database
from invoicedb.cli.booking import Booked, Outcome, book_all
from invoicedb.cli.paging import PAGE, paged
from invoicedb.cli.prices import Asked, price_points
from invoicedb.cli.samples import sample_invoices
from invoicedb.cli.screen import tracked
from invoicedb.results import InvoiceResult, PricePoint, StockLevel

TRIPS_PER_LINE, TRIPS_PER_INVOICE = 4, 3
"""What the sequential pattern takes: vendor, header and total once; mapping, stock, movement and price for each line."""


@dataclass(slots=True)
class Collected:
    """A report that keeps the outcomes for later."""

    outcomes: list[Outcome]

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def close(self) -> None:
        """Nothing to write."""


@dataclass(frozen=True, slots=True)
class Tour:
    """`again`: the invoices that stand, sent a second time; `stock_again`: the stock after that."""

    user_id: UUID
    outcomes: Sequence[Outcome]
    stock: Sequence[StockLevel]
    price_changes: Sequence[PricePoint]
    again: Sequence[InvoiceResult]
    stock_again: Sequence[StockLevel]

    @property
    def results(self) -> Sequence[InvoiceResult]:
        return [outcome.result for outcome in self.outcomes if isinstance(outcome, Booked)]

    @property
    def line_count(self) -> int:
        return sum(len(result.lines) for result in self.results)

    @property
    def round_trips(self) -> int:
        return sum(result.round_trips for result in self.results)

    @property
    def sequential_round_trips(self) -> int:
        return TRIPS_PER_LINE * self.line_count + TRIPS_PER_INVOICE * len(self.results)


def take_tour(database: Database, user_id: UUID, *, quiet: bool) -> Tour:
    book = partial(database.process_invoice, user_id)
    first, second = Collected([]), Collected([])
    samples = sample_invoices()
    book_all(tracked(samples, "Booking the sample invoices", quiet=quiet), book, first)
    stock = all_stock(database, user_id)
    changes = list(price_points(database, user_id, Asked(changed=True)))
    book_all([sample for sample, outcome in zip(samples, first.outcomes, strict=True) if stands(outcome)], book, second)
    again = [outcome.result for outcome in second.outcomes if isinstance(outcome, Booked)]
    return Tour(user_id, first.outcomes, stock, changes, again, all_stock(database, user_id))


def stands(outcome: Outcome) -> bool:
    """Not for the one that was mended by a later sample, nor for the one that was refused."""
    return isinstance(outcome, Booked) and not outcome.result.failed


def all_stock(database: Database, user_id: UUID) -> list[StockLevel]:
    return list(paged(lambda last: database.stock(user_id, limit=PAGE, after=last)))
