"""Money of a document as a whole: charges, allowances and tax as lines, their share in the goods, and whether all adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from invoicedb.domain.amounts import Sheet
from invoicedb.domain.money import exact_sum, minor_unit
from invoicedb.domain.numbers import EXACT, read_number
from invoicedb.errors import (
    DocumentTotalDiffers,
    ErrorType,
    InvalidInvoice,
    InvalidNumber,
    SharesOfSome,
    TotalNotCompared,
    UnbalancedInvoice,
)
from invoicedb.models import ITEM, OBJECT, FailedLine, Line, Policy

CHARGE_FIELDS = ("amount", "description", "kind")
CHARGES = ("freight", "charge", "deposit")
SPREAD_KINDS = frozenset({"freight", "charge", "discount"})
"""What makes goods dearer or cheaper. Tax and deposits are owed or come back: they are not spread."""


def document_charges(raw_head: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The head's charges, allowances and tax as lines that come after all others. Raises InvalidInvoice for a malformed one."""
    for place, raw in entries(raw_head, "charges"):
        kind = str(raw.get("kind") or "charge").strip().lower()
        if kind not in CHARGES:
            raise InvalidInvoice(field=f"{place}.kind", reason=f"{kind!r} is none of {', '.join(CHARGES)}")
        yield charge(kind, raw)
    for _, raw in entries(raw_head, "allowances"):
        yield charge("discount", raw)
    if raw_head.get("tax") is not None:
        yield {"kind": "tax", "line_total": raw_head["tax"]}


def charge(kind: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "description": raw.get("description"), "line_total": raw.get("amount")}


def entries(raw_head: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    value, field = raw_head.get(name), f"invoice.{name}"
    if value is None:
        return
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidInvoice(field=field, reason='no list: give [{"amount": "12.50", "description": "…"}, …]')
    for place, raw in enumerate(value):
        at = f"{field}[{place}]"
        if not isinstance(raw, OBJECT) or raw.get("amount") is None:
            raise InvalidInvoice(field=at, reason='no object with an amount: give {"amount": "12.50", "description": "…"}')
        yield at, raw


# ---- a share of them in what the goods cost ------------------------------------------------------


def with_shares(lines: Sequence[Line | FailedLine], policy: Policy, currency: str | None) -> tuple[Line | FailedLine, ...]:
    """The lines, freight, charges and discounts spread over the goods that were bought, to the last minor unit.

    By the lines' money, or by their packs (ordered ones of goods billed by weight). Where that is nothing, no goods are there,
    or the discounts are more than the goods, nothing is spread.
    """
    bought = [line for line in lines if isinstance(line, Line) and line.kind == ITEM and line.quantity > 0]
    pool = exact_sum(line.line_total for line in lines if isinstance(line, Line) and line.kind in SPREAD_KINDS)
    weights = [line.line_total if policy.spread == "value" else line.ordered_quantity or line.quantity for line in bought]
    worth = exact_sum(line.line_total for line in bought)
    if policy.spread is None or not pool or not any(weights) or EXACT.add(worth, pool) < 0:
        return tuple(lines)
    shares = dict(zip((line.line_number for line in bought), spread(pool, weights, minor_unit(currency)), strict=True))
    return tuple(replace(line, share=shares[line.line_number]) if line.line_number in shares else line for line in lines)


def shares_of_some(lines: Sequence[Line | FailedLine], policy: Policy) -> Iterator[SharesOfSome]:
    """A warning where lines that can't be read have no part in what is spread."""
    unread = [line.line_number for line in lines if isinstance(line, FailedLine)]
    if unread and policy.spread is not None and any(line.kind in SPREAD_KINDS for line in lines):
        yield SharesOfSome(line_numbers=unread)


def spread(amount: Decimal, weights: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """`amount` in parts as the weights are, which add up to it exactly: by the largest remainder, the earlier of two alike.

    In steps of `decimals` decimals, or finer ones where the amount has them. Weights are not negative, and not all 0.
    """
    places = max(decimals, -int(amount.as_tuple().exponent))
    whole = sum(map(Fraction, weights), Fraction(0))
    exact = [Fraction(amount) * 10**places * Fraction(weight) / whole for weight in weights]
    steps = [part.numerator // part.denominator for part in exact]
    left = int(Fraction(amount) * 10**places) - sum(steps)
    by_remainder = sorted(range(len(exact)), key=lambda place: (steps[place] - exact[place], place))
    for place in by_remainder[:left]:
        steps[place] += 1
    return [Decimal(step).scaleb(-places, EXACT) for step in steps]


# ---- the document's total ------------------------------------------------------------------------


def check_total(
    raw_head: Mapping[str, Any], lines: Sequence[Line | FailedLine], policy: Policy, sheet: Sheet
) -> Iterator[DocumentTotalDiffers | TotalNotCompared]:
    """A warning, or UnbalancedInvoice by policy, where the lines are not what the document's total says.

    On a credit memo signs make no difference. Of a document with lines that can't be read nobody can say what they make: that
    is a warning by any policy, as bad lines fail alone.
    """
    given = read_document_total(raw_head.get("total"))
    if given is None:
        return
    if unread := [line.line_number for line in lines if isinstance(line, FailedLine)]:
        yield TotalNotCompared(given=given, line_numbers=unread)
        return
    computed = exact_sum(line.line_total for line in lines if isinstance(line, Line))
    if sheet.is_credit_memo:
        given, computed = given.copy_abs(), computed.copy_abs()
    tolerance = Decimal(policy.totals_tolerance).scaleb(-minor_unit(sheet.currency), EXACT)
    if EXACT.subtract(given, computed).copy_abs() <= tolerance:
        return
    if policy.totals == "refuse":
        raise UnbalancedInvoice(given=given, computed=computed, tolerance=tolerance)
    yield DocumentTotalDiffers(given=given, computed=computed)


def read_document_total(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        return read_number(value, field="invoice.total", error_type=ErrorType.INVALID_TOTAL)
    except InvalidNumber as error:
        raise InvalidInvoice(field="invoice.total", reason=f"{error.text!r} {error.reason}") from None
