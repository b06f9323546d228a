"""The arithmetic of prices, in fractions: exact until it is rounded, once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from invoicedb.domain.numbers import EXACT


@dataclass(frozen=True, slots=True)
class Point:
    """A price paid: money for a pack that holds `base_quantity`."""

    invoice_id: UUID
    line_number: int
    unit_price: Decimal
    base_quantity: Decimal


def change(before: Point | None, now: Point) -> dict[str, object]:
    """What a price is beside the one before it, which is restated for this price's pack. From 0 there is no percentage."""
    if before is None:
        return {"previous_price": None, "price_change_percent": None, "is_price_increase": None}
    price = Fraction(now.unit_price)
    previous = Fraction(before.unit_price) / Fraction(before.base_quantity) * Fraction(now.base_quantity)
    return {
        "previous_price": rounded(previous, 10),
        "price_change_percent": rounded((price - previous) / previous * 100, 4) if previous else None,
        "is_price_increase": price > previous,
    }


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """To ten decimals."""
    return rounded(Fraction(dividend) / Fraction(divisor), 10)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """To so many decimals, a half away from zero."""
    whole = int(abs(value) * 10**decimals + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals, EXACT)
