"""Charges are spread to the last cent, signs are read as the document writes them, and totals add up or are told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb import DocumentTotalDiffers, InvalidInvoice, Policy, SharesOfSome, TotalNotCompared, UnbalancedInvoice
from invoicedb.domain.charges import spread
from invoicedb.domain.document import read_invoice
from invoicedb.models import FailedLine, Invoice, Line
from tests.builders import invoice, line

TODAY = date(2026, 3, 2)
AMOUNTS = st.decimals("-99999", "99999", places=2)
WEIGHTS = st.lists(st.decimals("0", "9999", places=3), min_size=1, max_size=20).filter(any)


def read(*lines: Any, policy: Policy | None = None, **head: Any) -> Invoice:
    return read_invoice(UUID(int=1), invoice(*lines, **head), None, policy=policy or Policy(), today=TODAY)


def facts(*values: Any) -> tuple[Any, ...]:
    """Several things that are compared at once."""
    return values


def good(document: Invoice) -> list[Line]:
    assert not [each for each in document.lines if isinstance(each, FailedLine)]
    return list(document.good_lines)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_add_up_and_none_is_a_step_away_from_its_share(amount: Decimal, weights: list[Decimal]) -> None:
    parts = spread(amount, weights, 2)
    assert sum(map(Fraction, parts)) == Fraction(amount)
    whole = sum(map(Fraction, weights))
    exact = [Fraction(amount) * Fraction(weight) / whole for weight in weights]
    assert all(abs(Fraction(part) - share) < Fraction(1, 100) for part, share in zip(parts, exact, strict=True))


@given(AMOUNTS, WEIGHTS)
def test_lines_of_equal_weight_differ_by_a_cent_at_most(amount: Decimal, weights: list[Decimal]) -> None:
    by_weight: dict[Decimal, set[Decimal]] = {}
    for weight, part in zip(weights, spread(amount, weights, 2), strict=True):
        by_weight.setdefault(weight, set()).add(part)
    assert all(max(parts) - min(parts) <= Decimal("0.01") for parts in by_weight.values())


def test_the_odd_cents_go_to_the_largest_remainders() -> None:
    assert spread(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], 2) == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]
    assert spread(Decimal(100), [Decimal(1), Decimal(2)], 0) == [Decimal(33), Decimal(67)]


def test_freight_and_discounts_are_spread_by_value_or_by_quantity_and_tax_is_not() -> None:
    lines = (line("1", quantity="1", unit_price="10"), line("2", quantity="3", unit_price="30"))
    head: dict[str, Any] = {"charges": [{"amount": "11", "kind": "freight"}], "allowances": [{"amount": "1"}], "tax": "8"}
    by_value = good(read(*lines, policy=Policy(spread="value"), **head))
    by_quantity = good(read(*lines, policy=Policy(spread="quantity"), **head))
    assert [each.share for each in by_value] == [Decimal("1.00"), Decimal("9.00"), 0, 0, 0]
    assert [each.share for each in by_quantity] == [Decimal("2.50"), Decimal("7.50"), 0, 0, 0]
    assert [facts(each.kind, each.line_total) for each in by_value[2:]] == [("freight", 11), ("discount", -1), ("tax", 8)]
    assert [each.share for each in good(read(*lines, **head))] == [0] * 5


def test_what_a_document_charges_comes_after_its_lines_whatever_their_numbers() -> None:
    found = good(read(line("1", line_number=7), line("2", line_number=3), charges=[{"amount": "1", "description": "Fuel"}]))
    assert [(each.line_number, each.kind, each.description) for each in found[2:]] == [(8, "charge", "Fuel")]


def test_a_charge_line_has_a_total_or_a_price() -> None:
    total = {"kind": "freight", "line_total": "12.50"}
    price = {"kind": "deposit", "quantity": 3, "unit_price": "0.25", "description": "Crates"}
    back = {"kind": "deposit", "quantity": -2, "unit_price": "0.25"}
    assert [each.line_total for each in good(read(total, price, back))] == [Decimal("12.50"), Decimal("0.75"), Decimal("-0.5")]


@pytest.mark.parametrize("amount", ["5", "-5"])
def test_a_discount_is_taken_off_whichever_sign_it_has(amount: str) -> None:
    assert good(read(line(), {"kind": "discount", "line_total": amount}))[1].line_total == -5


def test_a_credit_memo_may_write_what_it_credits_above_or_below_zero() -> None:
    head: dict[str, Any] = {"document_type": "credit_memo"}
    freight = {"kind": "freight", "line_total": "5"}
    allowance = {"kind": "discount", "line_total": "3"}
    rebate = {"kind": "rebate", "line_total": "7"}
    above = good(read(line(quantity="2", line_total="60"), freight, allowance, rebate, tax="4", total="73", **head))
    negative = (line(quantity="-2", line_total="-60"), freight | {"line_total": "-5"}, allowance, rebate | {"line_total": "-7"})
    below = read(*negative, tax="-4", total="-73", **head)
    priced = read(line(quantity="2", unit_price="-30"), *negative[1:], tax="-4", total="-73", **head)
    assert not below.warnings
    for lines in (above, good(below), good(priced)):
        assert [each.line_total for each in lines] == [-60, -5, 3, -7, -4]
        assert lines[0].quantity == -2


def test_a_rebate_alone_may_be_written_either_way() -> None:
    for amount in ("5", "-5"):
        assert good(read({"kind": "rebate", "line_total": amount}, document_type="credit_memo"))[0].line_total == -5


def test_a_line_of_a_memo_that_goes_the_other_way_fails_alone() -> None:
    found = read(line(quantity=3), line(quantity=-1), document_type="credit_memo")
    assert [isinstance(each, FailedLine) for each in found.lines] == [False, True]


def test_a_weight_goes_the_way_of_its_quantity() -> None:
    assert isinstance(read(line(weight="-5", weight_unit="LB")).lines[0], FailedLine)


def test_packs_that_were_ordered_count_where_quantities_share() -> None:
    weighed = line("1", quantity="2", pack_size="CS", weight="61.4", weight_unit="LB", unit_price="4")
    found = good(read(weighed, line("2"), charges=[{"amount": "40"}], policy=Policy(spread="quantity")))
    assert [each.share for each in found[:2]] == [20, 20]


def test_discounts_of_more_than_the_goods_are_not_spread() -> None:
    found = good(read(line(), allowances=[{"amount": "61"}], policy=Policy(spread="value")))
    assert found[0].share == 0


def test_shares_without_unreadable_lines_are_told() -> None:
    charged: dict[str, Any] = {"charges": [{"amount": "4"}], "policy": Policy(spread="value")}
    assert [type(each) for each in read(line(), line("2", quantity="none"), **charged).warnings] == [SharesOfSome]
    assert not read(line(), **charged).warnings


@pytest.mark.parametrize(
    "wrong", [{"spread": "Value"}, {"totals": "Refuse"}, {"excess_returns": "yes"}, {"totals_tolerance": -1}]
)
def test_a_misspelt_policy_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Policy(**wrong)


def test_numbers_of_memos_and_invoices_are_never_one() -> None:
    keys = {read(line(), invoice_number="7", document_type="credit_memo").number_key}
    keys |= {
        read(line(), invoice_number=number).number_key
        for number in ("7", "credit_memo:7", "invoice:7", "invoice:credit_memo:7")
    }
    assert len(keys) == 5


def test_charges_need_line_numbers_of_their_own() -> None:
    with pytest.raises(InvalidInvoice):
        read(line(line_number=2**31 - 1), tax="1")


def test_a_return_on_an_invoice_is_a_negative_line() -> None:
    bought, back = good(read(line(quantity="5"), line(quantity="-2", line_total="-60")))
    assert facts(back.went_back, back.line_total, bought.went_back) == (True, -60, False)


def test_goods_billed_by_weight_move_their_weight() -> None:
    weighed = line(quantity="2", pack_size="CS", unit_price="4.25", weight="61.4", weight_unit="LB")
    (found,) = good(read(weighed))
    assert (found.quantity, found.pack_size, found.pack_key, found.line_total) == (
        Decimal("61.4"),
        "1 LB",
        "1LB",
        Decimal("260.95"),
    )
    assert facts(found.ordered_quantity, found.ordered_pack_size) == (2, "CS")
    (back,) = good(read(weighed | {"quantity": "-2"}))
    assert (back.quantity, back.line_total) == (Decimal("-61.4"), Decimal("-260.95"))


@pytest.mark.parametrize(
    ("total", "differs"), [("66.00", False), ("66.02", False), ("66.03", True), ("65.97", True), ("66", False)]
)
def test_a_total_may_be_two_cents_off(total: str, differs: bool) -> None:
    head: dict[str, Any] = {"tax": "4", "charges": [{"amount": "3"}], "allowances": [{"amount": "1"}], "total": total}
    found = [each for each in read(line(), **head).warnings if isinstance(each, DocumentTotalDiffers)]
    assert bool(found) == differs
    strict = Policy(totals="refuse")
    if differs:
        assert found[0].computed == 66
        with pytest.raises(UnbalancedInvoice) as refused:
            read(line(), policy=strict, **head)
        assert facts(refused.value.given, refused.value.computed) == (Decimal(total), 66)
    else:
        read(line(), policy=strict, **head)


def test_the_total_of_a_credit_memo_is_compared_without_its_sign() -> None:
    for total in ("60", "-60"):
        assert not read(line(), document_type="credit_memo", total=total, corrects="1").warnings
    assert read(line(), document_type="credit_memo", total="61").warnings


@pytest.mark.parametrize("totals", ["warn", "refuse"])
def test_a_total_beside_lines_that_failed_is_said_not_to_be_compared(totals: Literal["warn", "refuse"]) -> None:
    [told] = read(line(), line("2", quantity="none"), total="99", policy=Policy(totals=totals)).warnings
    assert isinstance(told, TotalNotCompared)
    assert (told.given, told.line_numbers) == (Decimal(99), (2,))
    assert "line 2 failed" in str(told)
    assert not read(line(), line("2", quantity="none"), policy=Policy(totals=totals)).warnings


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ({"total": "much"}, "invoice.total"),
        ({"charges": "12.50"}, "invoice.charges"),
        ({"charges": [12.5]}, "invoice.charges[0]"),
        ({"charges": [{"amount": "1", "kind": "item"}]}, "invoice.charges[0].kind"),
        ({"allowances": [{"description": "Rebate"}]}, "invoice.allowances[0]"),
        ({"document_type": "memo"}, "invoice.document_type"),
        ({"corrects": "100"}, "invoice.corrects"),
        ({"document_type": "credit_memo", "corrects_id": "100"}, "invoice.corrects_id"),
    ],
)
def test_a_head_that_cannot_be_booked_says_where(head: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInvoice) as refused:
        read(line(), **head)
    assert refused.value.field == field


def test_what_was_booked_before_there_were_kinds_has_the_content_it_had() -> None:
    """The hash of a plain document is the one that is stored since the first version."""
    plain = {"vendor_name": "Sysco", "invoice_number": "1", "invoice_date": "2026-03-02"}
    found = read_invoice(UUID(int=1), {"invoice": plain, "line_items": [line()]}, None, policy=Policy(), today=TODAY)
    assert found.content_hash == "ca20e63dcbf76abe4460672f2455a4510c27bd923c78f0f6160d736b44a20ab6"
    assert found.invoice_id == UUID("bc19ff2e-ea7a-5ae6-9b6d-933813e6d930")
