"""Each sample invoice does what it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from invoicedb import Database, InvoiceResult
from invoicedb.cli.booking import Booked, Outcome, Refused, book_all
from invoicedb.cli.samples import sample_invoices
from invoicedb.cli.tour import Collected
from invoicedb.errors import InvoiceConflict, TotalDiffers

LB = Decimal("453.59237")


@pytest.fixture
def outcomes(database: Database, user_id: UUID) -> Mapping[str, Outcome]:
    """What became of each sample, by the name without its place."""
    collected = Collected([])
    book_all(sample_invoices(), partial(database.process_invoice, user_id), collected)
    return {outcome.source[3:]: outcome for outcome in collected.outcomes}


def booked(outcomes: Mapping[str, Outcome], name: str) -> InvoiceResult:
    outcome = outcomes[name]
    assert isinstance(outcome, Booked)
    return outcome.result


def methods(result: InvoiceResult) -> list[str | None]:
    return [line.match_method for line in result.lines]


def test_there_are_enough_of_them(outcomes: Mapping[str, Outcome]) -> None:
    results = [outcome.result for outcome in outcomes.values() if isinstance(outcome, Booked)]
    assert len(outcomes) >= 14
    assert len({result.vendor_name for result in results}) == 3
    assert len({result.invoice_date.month for result in results}) >= 4


def test_those_that_book(outcomes: Mapping[str, Outcome], database: Database, user_id: UUID) -> None:
    fractions = booked(outcomes, "fractions-of-a-case")
    assert [line.quantity_change for line in fractions.lines[:2]] == [125 * LB, 54]

    (unnumbered,) = (line for line in booked(outcomes, "line-without-a-number").lines if line.item_number is None)
    (again,) = (line for line in booked(outcomes, "given-line-total").lines if line.item_number is None)
    assert (again.match_method, again.inventory_item_id) == ("exact", unnumbered.inventory_item_id)

    given = booked(outcomes, "given-line-total")
    assert given.lines[0].total_cost == Decimal("49.02")
    assert [type(warning) for warning in given.warnings] == [TotalDiffers]

    free, after = booked(outcomes, "free-sample").lines[0], booked(outcomes, "after-the-free-sample").lines[0]
    assert (free.unit_price, free.total_cost) == (Decimal(0), Decimal(0))
    assert (after.previous_price, after.price_change_percent) == (Decimal(0), None)

    first, *_, second = booked(outcomes, "one-item-on-two-lines").lines
    assert (second.inventory_item_id, second.previous_price) == (first.inventory_item_id, first.unit_price)


def test_those_that_match(outcomes: Mapping[str, Outcome]) -> None:
    other_count = booked(outcomes, "other-case-count")
    assert methods(other_count) == ["exact"]
    assert not other_count.price_changes

    other_size = booked(outcomes, "other-unit-size")
    assert methods(other_size) == ["fuzzy_review"]
    assert not other_size.price_changes

    assert methods(booked(outcomes, "other-vendor-other-spelling")) == ["fuzzy_auto", "fuzzy_auto", "exact"]
    assert methods(booked(outcomes, "match-to-review")) == ["fuzzy_review"]


def test_those_that_are_sent_again(outcomes: Mapping[str, Outcome]) -> None:
    replay = booked(outcomes, "the-same-again")
    assert (replay.replayed, replay.round_trips) == (True, 1)
    assert replay.invoice_id == booked(outcomes, "price-rise").invoice_id

    bad, mended = booked(outcomes, "unreadable-pack-size"), booked(outcomes, "the-line-mended")
    assert [line.error_type for line in bad.lines] == [None, "unreadable_pack_size"]
    assert (mended.invoice_id, mended.status, mended.replayed) == (bad.invoice_id, "success", False)

    twice = outcomes["number-used-twice"]
    assert isinstance(twice, Refused)
    assert isinstance(twice.error, InvoiceConflict)


def test_the_back_dated_one_mends_the_price_after_it(
    outcomes: Mapping[str, Outcome], database: Database, user_id: UUID
) -> None:
    rise, late = booked(outcomes, "price-rise"), booked(outcomes, "back-dated")
    assert rise.lines[0].price_change_percent == Decimal("6.25")
    assert late.lines[0].price_change_percent == Decimal("3.125")
    (mended,) = (
        point
        for point in database.prices(user_id, since=date(2025, 2, 12), until=date(2025, 2, 12))
        if point.inventory_item_id == late.lines[0].inventory_item_id
    )
    assert (mended.previous_price, mended.price_change_percent) == (Decimal(99), Decimal("3.0303"))


def test_known_lines_take_one_round_trip(outcomes: Mapping[str, Outcome]) -> None:
    results = [outcome.result for outcome in outcomes.values() if isinstance(outcome, Booked)]
    assert {result.round_trips for result in results} == {1, 2}
    assert booked(outcomes, "one-item-on-two-lines").round_trips == 1
