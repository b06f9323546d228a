"""What came back, what was credited, what is for no goods: stock, cost and prices follow, and a void takes it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import (
    CorrectedInvoiceUnknown,
    Database,
    ExcessReturns,
    InvalidInvoice,
    InvoiceConflict,
    InvoiceCredited,
    InvoiceResult,
    NearDuplicate,
    Policy,
    PriceNotCorrected,
    ReturnedMoreThanBought,
    UnbalancedInvoice,
)
from tests.builders import invoice, line

LB = Decimal("453.59237")
CASE = 30 * LB
"""What a case of the builders' lines holds, in g."""


def memo(*lines: Any, **head: Any) -> dict[str, Any]:
    return invoice(*lines, **{"document_type": "credit_memo"} | head)


def facts(*values: Any) -> tuple[Any, ...]:
    """Several things that are compared at once."""
    return values


def cost_of(dsn: str, user_id: UUID) -> Decimal:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT sum(total_cost) FROM inventory_transactions WHERE user_id = %s", [user_id]).fetchone()
    assert row is not None
    return Decimal(row[0])


def stock(database: Database, user_id: UUID) -> list[tuple[Any, Any]]:
    return [(level.current_quantity, level.last_purchase_price) for level in database.stock(user_id)]


def derived(database: Database, user_id: UUID) -> Any:
    """Stock, last purchases and prices."""
    assert not [*database.verify(user_id)]
    return database.stock(user_id), [(each.unit_price, each.previous_price) for each in database.prices(user_id)]


@pytest.fixture
def bought(database: Database, user_id: UUID) -> InvoiceResult:
    """Two cases at 30.00, numbered 100."""
    return database.process_invoice(user_id, invoice(invoice_number="100"))


# ---- returns -----------------------------------------------------------------------------------------------------------------


def test_a_negative_line_takes_stock_back_and_is_no_purchase(database: Database, dsn: str, user_id: UUID) -> None:
    done = database.process_invoice(user_id, invoice(line(quantity="5"), line(quantity="-2", unit_price="28")))
    assert (done.status, done.warnings, done.lines[1].quantity_change) == ("success", (), -2 * CASE)
    assert facts(done.lines[1].total_cost, done.lines[1].previous_price) == (-56, None)
    assert stock(database, user_id) == [(3 * CASE, 30)]
    assert cost_of(dsn, user_id) == 150 - 56
    assert not [*database.verify(user_id)]


def test_what_goes_back_costs_what_it_was_invoiced_for(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    """The vendor credits 25 of a case that was bought for 30: the goods left for 30, the rest is in nobody's stock."""
    credit = database.process_invoice(user_id, memo(line(quantity="1", unit_price="25"), corrects="100"))
    assert facts(credit.lines[0].line_total, credit.lines[0].total_cost) == (-25, -30)
    assert credit.document_type == "credit_memo"
    assert stock(database, user_id) == [(CASE, 30)]
    assert cost_of(dsn, user_id) == 30
    assert credit.round_trips == 1
    assert not [*database.verify(user_id)]


def test_a_credit_memo_that_names_no_invoice_costs_what_it_says(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    credit = database.process_invoice(user_id, memo(line(quantity="1", unit_price="25")))
    assert facts(credit.lines[0].total_cost, credit.warnings) == (-25, ())
    assert cost_of(dsn, user_id) == 35


def test_another_pack_goes_back_at_its_part_of_the_cost(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    one_bag = line(quantity="1", pack_size="5 LB", unit_price="5")
    credit = database.process_invoice(user_id, memo(one_bag, corrects_id=str(bought.invoice_id)))
    assert facts(credit.lines[0].quantity_change, credit.lines[0].total_cost) == (-5 * LB, -5)
    assert stock(database, user_id)[0][0] == 2 * CASE - 5 * LB


def test_what_was_never_bought_cannot_go_back(database: Database, user_id: UUID) -> None:
    credit = database.process_invoice(user_id, memo())
    assert [failed.error_type for failed in credit.failed] == ["no_matching_item"]
    assert database.stock(user_id) == []


def test_an_invoice_that_is_not_there_is_told(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    credit = database.process_invoice(user_id, memo(line(quantity="1"), corrects="99"))
    assert [type(each) for each in credit.warnings] == [CorrectedInvoiceUnknown]
    assert credit.status == "success"


def test_more_back_than_bought_is_flagged_or_refused(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    too_many = memo(line(quantity="3"), corrects="100")
    with invoicedb.connect(dsn, policy=Policy(excess_returns="refuse")) as strict:
        before = derived(database, user_id)
        with pytest.raises(ExcessReturns) as refused:
            strict.process_invoice(user_id, too_many)
        assert {each.excess for each in refused.value.returns} == {CASE}
        assert derived(database, user_id) == before
        assert strict.process_invoice(user_id, memo(line(quantity="2"), corrects="100")).warnings == ()
    found = [each for each in database.process_invoice(user_id, too_many).warnings if isinstance(each, ReturnedMoreThanBought)]
    assert [(each.excess, each.of_invoice) for each in found] == [(3 * CASE, None), (3 * CASE, bought.invoice_id)]


def test_credit_memos_of_one_invoice_count_together(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    """There is enough in stock, from elsewhere; but not of this invoice."""
    database.process_invoice(user_id, invoice(line(quantity="10")))
    first = database.process_invoice(user_id, memo(line(quantity="1.5"), corrects="100"))
    second = database.process_invoice(user_id, memo(line(quantity="1"), corrects="100"))
    assert (first.warnings, [type(each) for each in second.warnings]) == ((), [ReturnedMoreThanBought])


# ---- prices and rebates ------------------------------------------------------------------------------------------------------


def correction(price: str = "2", **fields: Any) -> dict[str, Any]:
    return line(quantity="2", unit_price=price, kind="price_correction", **fields)


def test_a_price_correction_moves_cost_and_the_price_chain_and_no_stock(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    credit = database.process_invoice(user_id, memo(correction(), corrects="100", invoice_date="2026-03-05"))
    (corrected,) = credit.lines
    assert facts(corrected.quantity_change, corrected.total_cost, corrected.corrected_price) == (0, -4, 28)
    assert stock(database, user_id) == [(2 * CASE, 28)]
    assert cost_of(dsn, user_id) == 56
    later = database.process_invoice(user_id, invoice(line(unit_price="29"), invoice_date="2026-03-06"))
    assert facts(later.lines[0].previous_price, later.lines[0].is_price_increase) == (28, True)
    assert not [*database.verify(user_id)]


def test_without_an_invoice_the_vendors_last_price_is_corrected(
    database: Database, user_id: UUID, bought: InvoiceResult
) -> None:
    database.process_invoice(user_id, invoice(line(unit_price="40"), invoice_date="2026-03-04"))
    credit = database.process_invoice(user_id, memo(correction(pack_size="3/5 LB"), invoice_date="2026-03-05"))
    assert credit.lines[0].corrected_price == 18  # half a case is 20


def test_a_price_that_the_memo_says_is_taken(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    credit = database.process_invoice(user_id, memo(correction(corrected_price="27.5"), corrects="100"))
    assert credit.lines[0].corrected_price == Decimal("27.5")


def test_a_correction_of_more_than_the_price_corrects_no_price(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    credit = database.process_invoice(user_id, memo(correction("31"), correction("2"), corrects="100"))
    assert [type(each) for each in credit.warnings] == [PriceNotCorrected] * 2
    assert credit.round_trips == 1
    assert cost_of(dsn, user_id) == 60 - 62 - 4


def test_corrections_of_one_invoice_add_up(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    first = database.process_invoice(user_id, memo(correction("2"), correction("1"), corrects="100"))
    second = database.process_invoice(user_id, memo(correction("3"), corrects="100"))
    assert [each.corrected_price for each in (*first.lines, *second.lines)] == [28, 27, 24]
    assert stock(database, user_id)[0][1] == 24
    assert [each["unit_price"] for each in second.to_dict()["price_changes"]] == [24]


def test_a_later_price_is_not_overwritten_by_the_correction_of_an_older_one(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    database.process_invoice(user_id, invoice(line(unit_price="40"), invoice_date="2026-03-04"))
    credit = database.process_invoice(user_id, memo(correction(), corrects="100", invoice_date="2026-03-05"))
    assert [type(each) for each in credit.warnings] == [PriceNotCorrected]
    assert stock(database, user_id)[0][1] == 40
    assert cost_of(dsn, user_id) == 60 + 80 - 4


def test_what_goes_back_after_a_correction_costs_what_it_costs_then(
    database: Database, dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    database.process_invoice(user_id, memo(correction(), corrects="100"))
    database.process_invoice(user_id, memo(line(quantity="2"), corrects="100"))
    assert facts(stock(database, user_id)[0][0], cost_of(dsn, user_id)) == (0, 0)


def test_returns_come_out_even(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line(quantity="3", unit_price="3.3333", line_total="10"), invoice_number="100"))
    one = line(quantity="1")
    database.process_invoice(user_id, memo(one, one, corrects="100"))
    database.process_invoice(user_id, memo(one, corrects="100"))
    assert facts(stock(database, user_id)[0][0], cost_of(dsn, user_id)) == (0, 0)
    assert not [*database.verify(user_id)]


def test_the_very_pack_goes_back_at_its_own_cost_also_after_a_merge(database: Database, dsn: str, user_id: UUID) -> None:
    bag = line(quantity="1", pack_size="5 LB", unit_price="8")
    cheese = line("7", description="CHEESE", unit_price="90")
    done = database.process_invoice(user_id, invoice(line(quantity="1"), bag, cheese, invoice_number="100"))
    beef, _, other = (each.inventory_item_id for each in done.lines)
    assert beef is not None
    assert other is not None
    database.merge_item(user_id, beef, other)
    credit = database.process_invoice(user_id, memo(bag | {"unit_price": "1"}, line(quantity="1"), corrects="100"))
    assert [each.total_cost for each in credit.lines] == [-8, -30]


def test_another_currency_is_another_price(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(invoice_number="100", currency="USD"))
    document = memo(line(quantity="1", unit_price="4000"), correction(), corrects="100", currency="JPY")
    credit = database.process_invoice(user_id, document)
    assert {type(each) for each in credit.warnings} == {CorrectedInvoiceUnknown, PriceNotCorrected}
    assert credit.lines[0].total_cost == -4000


def test_a_rebate_moves_neither_stock_nor_cost(database: Database, dsn: str, user_id: UUID, bought: InvoiceResult) -> None:
    before = derived(database, user_id)
    credit = database.process_invoice(user_id, memo({"kind": "rebate", "line_total": "5"}, corrects="100"))
    assert facts(credit.lines[0].line_total, credit.lines[0].total_cost, credit.round_trips) == (-5, None, 1)
    assert derived(database, user_id) == before
    assert cost_of(dsn, user_id) == 60
    assert sorted(each.total for each in database.list_invoices(user_id)) == [-5, 60]


# ---- and back again ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credited",
    [line(quantity="1", unit_price="25"), correction(), correction(corrected_price="1"), {"kind": "tax", "line_total": 1}],
)
def test_voiding_a_credit_memo_leaves_what_was_before(
    database: Database, user_id: UUID, bought: InvoiceResult, credited: dict[str, Any]
) -> None:
    database.process_invoice(user_id, invoice(line(unit_price="29"), invoice_date="2026-03-09"))
    before = derived(database, user_id)
    credit = database.process_invoice(user_id, memo(credited, corrects="100", invoice_date="2026-03-05"))
    database.void(user_id, credit.invoice_id)
    assert derived(database, user_id) == before


def test_an_invoice_is_voided_after_its_credit_memos(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    credit = database.process_invoice(user_id, memo(line(quantity="1"), corrects="100"))
    with pytest.raises(InvoiceCredited) as refused:
        database.void(user_id, bought.invoice_id)
    assert refused.value.credit_ids == (credit.invoice_id,)
    database.void(user_id, credit.invoice_id)
    database.void(user_id, bought.invoice_id)
    assert stock(database, user_id) == [(0, None)]


def test_sent_again_it_is_a_replay_and_numbers_of_invoices_and_memos_are_apart(
    database: Database, user_id: UUID, bought: InvoiceResult
) -> None:
    document = memo(line(quantity="1", unit_price="25"), correction(), corrects="100", invoice_number="100")
    credit = database.process_invoice(user_id, document)
    again = database.process_invoice(user_id, document)
    assert (credit.invoice_id != bought.invoice_id, again.replayed) == (True, True)
    assert again.lines == credit.lines


def test_a_memo_sent_again_with_other_content_is_a_conflict(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    database.process_invoice(user_id, memo(correction(corrected_price="28"), corrects="100", invoice_number="C"))
    for other in (memo(correction(corrected_price="27"), corrects="100"), memo(correction(corrected_price="28"))):
        other["invoice"]["invoice_number"] = "C"
        with pytest.raises(InvoiceConflict):
            database.process_invoice(user_id, other)


def test_a_memo_in_place_of_its_invoice_is_refused(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    with pytest.raises(InvalidInvoice):
        database.replace(user_id, bought.invoice_id, memo(line(quantity="1"), corrects="100"))


def test_a_line_of_a_memo_can_be_dismissed_and_a_failed_memo_is_in_nobodys_way(
    database: Database, user_id: UUID, bought: InvoiceResult
) -> None:
    credit = database.process_invoice(user_id, memo(line("99", description="SALT"), corrects="100"))
    assert credit.status == "failed"
    database.dismiss(user_id, credit.invoice_id, 1, reason="never had it")
    database.void(user_id, bought.invoice_id)


def test_a_weighed_line_that_failed_is_tried_again_as_it_came(database: Database, user_id: UUID) -> None:
    done = database.process_invoice(user_id, invoice(line("1", description="RIBEYE", pack_size="12 CT")))
    weighed = line("1", description="RIBEYE", quantity="2", pack_size="CS", weight="61.4", weight_unit="LB")
    failed = database.process_invoice(user_id, invoice(weighed))
    assert [each.error_type for each in failed.failed] == ["unit_mismatch"]
    assert done.lines[0].inventory_item_id is not None
    database.set_conversions(user_id, done.lines[0].inventory_item_id, {"g": "1/500"})
    again = database.retry_failed(user_id, failed.invoice_id)
    assert facts(again.status, again.lines[0].quantity, again.lines[0].ordered_quantity) == ("success", Decimal("61.4"), 2)


def test_the_same_memo_under_two_numbers_is_told(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    sent = [memo(line(quantity="1"), corrects="100", invoice_number=number) for number in ("C-1", "C 1")]
    assert [[type(each) for each in database.process_invoice(user_id, each).warnings] for each in sent] == [[], [NearDuplicate]]


def test_on_one_connection_memos_that_name_a_number_an_id_or_nothing_are_booked(
    dsn: str, user_id: UUID, bought: InvoiceResult
) -> None:
    named: tuple[dict[str, Any], ...] = ({}, {"corrects": "100"}, {"corrects_id": bought.invoice_id}, {"currency": "USD"})
    with psycopg.connect(dsn) as connection:
        calls = invoicedb.on(connection)
        for head in (*named, *named):
            assert calls.process_invoice(user_id, memo(line(quantity="0.1"), **head)).round_trips <= 3
            calls.process_invoice(user_id, invoice(line(quantity="0.1")))


def test_a_failed_line_of_a_memo_is_mended_or_tried_again(database: Database, user_id: UUID, bought: InvoiceResult) -> None:
    bad = line("7", quantity="1", description="FLOUR", kind=None)
    document = memo(line(quantity="1"), bad, corrects="100", invoice_number="C1")
    credit = database.process_invoice(user_id, document)
    assert [each.error_type for each in credit.failed] == ["no_matching_item"]
    database.process_invoice(user_id, invoice(line("7", quantity="3", description="FLOUR")))
    assert [each.quantity_change for each in database.retry_failed(user_id, credit.invoice_id).lines] == [-CASE, -CASE]
    assert database.process_invoice(user_id, document).replayed
    assert not [*database.verify(user_id)]


# ---- what is for no goods ----------------------------------------------------------------------------------------------------


def test_only_items_move_stock(database: Database, dsn: str, user_id: UUID) -> None:
    kinds = [{"kind": kind, "line_total": "10"} for kind in ("deposit", "freight", "charge", "discount", "tax")]
    done = database.process_invoice(user_id, invoice(line(), *kinds, total="90"))
    assert (done.status, done.warnings, done.round_trips) == ("success", (), 2)
    assert [each.kind for each in done.lines] == ["item", "deposit", "freight", "charge", "discount", "tax"]
    assert {each.inventory_item_id for each in done.lines[1:]} == {None}
    assert facts(cost_of(dsn, user_id), len(database.stock(user_id))) == (60, 1)
    assert database.list_invoices(user_id)[0].total == 90
    again = database.process_invoice(user_id, invoice(line(), *kinds))
    assert again.round_trips == 1
    assert not [*database.verify(user_id)]


def test_an_invoice_of_charges_alone_is_booked(database: Database, user_id: UUID) -> None:
    done = database.process_invoice(user_id, invoice({"kind": "freight", "line_total": "10"}))
    assert (done.status, done.round_trips, done.inventory_items_updated) == ("success", 1, 0)
    database.void(user_id, done.invoice_id)
    assert not [*database.verify(user_id)]


def test_spread_freight_is_in_the_cost_and_not_in_the_price(dsn: str, user_id: UUID) -> None:
    lines = (line("1", quantity="1", unit_price="10"), line("2", quantity="1", unit_price="20"), line("3", quantity="none"))
    document = invoice(*lines, charges=[{"amount": "10", "kind": "freight"}])
    with invoicedb.connect(dsn, policy=Policy(spread="value")) as database:
        done = database.process_invoice(user_id, document)
        assert [each.total_cost for each in done.lines] == [Decimal("13.33"), Decimal("26.67"), None, None]
        assert [each.unit_price for each in done.lines[:2]] == [10, 20]
        assert [each.unit_price for each in database.prices(user_id)] == [10, 20]
        assert cost_of(dsn, user_id) == 40
        assert not [*database.verify(user_id)]


def test_a_line_that_failed_keeps_its_share_for_later(dsn: str, user_id: UUID) -> None:
    never = line("2", quantity="-1", unit_price="5", description="FLOUR")
    document = invoice(
        line("1", quantity="1", unit_price="10"), never, line("3", quantity="1", unit_price="10", pack_size="1 GAL")
    )
    document["invoice"]["charges"] = [{"amount": "4"}]
    with invoicedb.connect(dsn, policy=Policy(spread="value")) as database:
        beef = database.process_invoice(user_id, invoice(line("3", pack_size="10 LB"))).lines[0].inventory_item_id
        done = database.process_invoice(user_id, document)
        assert [each.error_type for each in done.lines] == [None, "no_matching_item", "unit_mismatch", None]
        assert beef is not None
        database.set_conversions(user_id, beef, {"ml": "1"})
        assert database.retry_failed(user_id, done.invoice_id).lines[2].total_cost == 12
        assert not [*database.verify(user_id)]


def test_a_document_that_does_not_add_up_is_refused_by_policy(dsn: str, user_id: UUID) -> None:
    with invoicedb.connect(dsn, policy=Policy(totals="refuse")) as database:
        with pytest.raises(UnbalancedInvoice):
            database.process_invoice(user_id, invoice(total="61"))
        assert database.list_invoices(user_id) == []


def test_goods_billed_by_weight_are_known_by_their_weight_unit(database: Database, user_id: UUID) -> None:
    weighed = line(
        "B", description="BEEF RIBEYE", quantity="2", pack_size="CS", unit_price="4.25", weight="61.4", weight_unit="LB"
    )
    first = database.process_invoice(user_id, invoice(weighed))
    second = database.process_invoice(user_id, invoice(weighed | {"weight": "58.2", "unit_price": "4.50"}))
    assert (first.lines[0].quantity_change, first.lines[0].line_total) == (Decimal("61.4") * LB, Decimal("260.95"))
    assert (second.lines[0].match_method, second.lines[0].previous_price, second.round_trips) == ("exact", Decimal("4.25"), 1)
    assert facts(second.lines[0].ordered_quantity, second.lines[0].ordered_pack_size) == (2, "CS")
    assert database.stock(user_id)[0].current_quantity == Decimal("119.6") * LB


# ---- reviewed afterwards -----------------------------------------------------------------------------------------------------


def test_returns_move_with_the_lines_of_their_mapping(database: Database, dsn: str, user_id: UUID) -> None:
    """Bought, partly returned, then found to be another item: nothing of either is left on the first."""
    wrong = line("1", description="GROUND BEEF 80/20")
    other = database.process_invoice(user_id, invoice(line("2", description="NAPKIN WHITE", pack_size="10 LB"))).lines[0]
    done = database.process_invoice(user_id, invoice(wrong, invoice_number="100"))
    credited = memo(
        wrong | {"quantity": "1", "unit_price": "25"}, wrong | {"kind": "price_correction", "unit_price": "2"}, corrects="100"
    )
    database.process_invoice(user_id, credited)
    case = database.find_line_case(user_id, done.invoice_id, 1)
    assert other.inventory_item_id is not None
    database.reassign(user_id, case, other.inventory_item_id)
    left = {level.id: level.current_quantity for level in database.stock(user_id)}
    beef = done.lines[0].inventory_item_id
    assert beef is not None
    assert left[beef] == 0
    assert left[other.inventory_item_id] == 20 * LB + CASE
    assert cost_of(dsn, user_id) == 60 + 60 - 30 - 4
    assert not [*database.verify(user_id)]
