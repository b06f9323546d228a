"""What a line says of amounts: packs or a weight, prices, money, and their signs on an invoice and on a credit memo."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicedb.domain.keys import shown_text
from invoicedb.domain.money import line_money, minor_unit
from invoicedb.domain.numbers import plain, read_number
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import ErrorType, InvalidNumber, InvalidText, UnitMismatch
from invoicedb.models import OBJECT

TEXT_LENGTH = 255

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a document's lines are read by. `is_negative`: a credit memo that writes what it credits below zero."""

    currency: str | None
    is_credit_memo: bool = False
    is_negative: bool = False

    @classmethod
    def of(cls, raw_lines: Sequence[object], currency: str | None, *, document_type: str) -> Sheet:
        """A memo writes as the first of its lines does that credits something by itself: goods, a price, a rebate."""
        crediting = (raw for raw in raw_lines if isinstance(raw, OBJECT) and raw.get("kind") in CREDITING)
        first = next((raw for raw in crediting if any(raw.get(name) is not None for name in AMOUNTS)), {})
        return cls(currency, document_type == "credit_memo", is_written_negative(first))

    def credited(self, amount: Decimal) -> Decimal:
        """Money of the document as it is booked: what is credited is negative, however the paper writes it."""
        return negated(amount) if self.is_credit_memo and not self.is_negative else amount

    def require_its_way(self, raw: Mapping[str, Any]) -> None:
        """Raises InvalidNumber for a line of a memo that charges what the others credit, or the other way round."""
        if self.is_credit_memo and is_written_negative(raw) != self.is_negative:
            text = next(str(raw[name]) for name in AMOUNTS if raw.get(name) is not None)
            reason = "has another sign than the credit memo's first line: what is bought goes on an invoice"
            raise InvalidNumber(field="quantity", text=text, reason=reason, error_type=ErrorType.NEGATIVE_QUANTITY)


AMOUNTS = ("quantity", "unit_price", "line_total")
CREDITING = (None, "", "item", "price_correction", "rebate")


def is_written_negative(raw: Mapping[str, Any]) -> bool:
    return any(str(raw.get(name)).strip().startswith("-") for name in AMOUNTS)


def negated(value: Decimal) -> Decimal:
    return value.copy_negate() if value else value


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of a pack a line is about; of goods billed by weight, what was ordered besides."""

    quantity: Decimal
    pack_size: str | None
    ordered_quantity: Decimal | None = None
    ordered_pack_size: str | None = None


def read_weighed(raw: Mapping[str, Any]) -> Measure:
    """Ordered in cases, billed by weight: the weight is the quantity, of packs of one weight unit, and has its sign."""
    weight = read_number(raw.get("weight"), field="weight", error_type=ErrorType.INVALID_QUANTITY)
    given = raw.get("quantity")
    ordered = None if given is None else read_quantity(given)
    if not weight:
        reason = "moves nothing"
        raise InvalidNumber(field="weight", text=plain(weight), reason=reason, error_type=ErrorType.ZERO_QUANTITY)
    unit = read_text(raw, "weight_unit", TEXT_LENGTH)
    if unit is None:
        raise InvalidText(field="weight_unit", reason="is missing: say what the weight is in, such as LB or KG")
    one = read_pack_size(f"1 {unit}")
    if one.base_unit != "g":
        raise UnitMismatch(unit=unit, item_unit="g")
    if ordered is not None and ordered > 0 > weight:
        reason = f"has another sign than the quantity, {plain(ordered)}"
        raise InvalidNumber(field="weight", text=plain(weight), reason=reason, error_type=ErrorType.INVALID_QUANTITY)
    signed = negated(abs_of(weight)) if ordered is not None and ordered < 0 else weight
    return Measure(signed, f"1 {unit}", ordered, read_pack_text(raw))


def read_pack_text(raw: Mapping[str, Any]) -> str | None:
    return read_text(raw, "pack_size", TEXT_LENGTH)


def abs_of(value: Decimal) -> Decimal:
    return value.copy_abs()


def read_text(raw: Mapping[str, Any], field: str, limit: int) -> str | None:
    """The text, blanks and control characters as one space each; None where it is missing or blank.

    A whole number is a text too.
    """
    value = raw.get(field)
    if value is None:
        return None
    if type(value) is str and len(value) <= limit and value.isascii() and value.isprintable():
        return " ".join(value.split()) or None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidText(field=field, reason=f"is a {type(value).__name__}: give a text")
    text = shown_text(str(value))
    if MARKS.search(text):
        raise InvalidText(field=field, reason="has more than eight accents on one letter: this is no text")
    if len(text) > limit:
        raise InvalidText(field=field, reason=f"has {len(text)} characters, at most {limit} are taken")
    printable = text if text.isprintable() else CONTROL.sub(" ", text)
    return " ".join(printable.split()) or None


def read_quantity(value: object) -> Decimal:
    quantity = read_number(value, field="quantity", error_type=ErrorType.INVALID_QUANTITY)
    if quantity == 0:
        raise InvalidNumber(field="quantity", text=plain(quantity), reason="moves nothing", error_type=ErrorType.ZERO_QUANTITY)
    return quantity


def read_price(value: object, field: str, sheet: Sheet) -> Decimal:
    """Never below zero. On a credit memo signs make no difference."""
    if sheet.is_credit_memo:
        return abs_of(read_number(value, field=field, error_type=ErrorType.INVALID_PRICE))
    return read_money(value, field, ErrorType.INVALID_PRICE)


def read_money(value: object, field: str, error_type: ErrorType) -> Decimal:
    """Money of goods, never below zero: what goes back has a quantity below zero."""
    money = read_number(value, field=field, error_type=error_type)
    if money < 0:
        reason = "is below zero: of goods that went back the quantity is; money off is a line of kind discount"
        raise InvalidNumber(field=field, text=plain(money), reason=reason, error_type=ErrorType.NEGATIVE_PRICE)
    return money


def read_total(value: object, quantity: Decimal, unit_price: Decimal, sheet: Sheet) -> Decimal:
    """The line's money, of the sign that its quantity has: what is given, else quantity times unit price."""
    if value is None:
        return line_money(quantity, unit_price, sheet.currency)
    total = read_amount(value, sheet)
    if sheet.is_credit_memo:
        return negated(abs_of(total))
    if total and (total < 0) != (quantity < 0):
        reason = f"has another sign than the quantity, {plain(quantity)}"
        raise InvalidNumber(field="line_total", text=plain(total), reason=reason, error_type=ErrorType.INVALID_TOTAL)
    return total


def read_amount(value: object, sheet: Sheet) -> Decimal:
    """Given money. That of a named currency has no more decimals than its minor unit."""
    total = read_number(value, field="line_total", error_type=ErrorType.INVALID_TOTAL)
    currency, decimals = sheet.currency, minor_unit(sheet.currency)
    if currency is not None and total != round(total, decimals):
        reason = f"has more decimals than {currency} has ({decimals})"
        raise InvalidNumber(field="line_total", text=plain(total), reason=reason, error_type=ErrorType.INVALID_TOTAL)
    return total
