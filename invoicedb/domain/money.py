"""Money: currencies, and what a line costs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import reduce

from invoicedb.domain.currencies import MINOR_UNITS
from invoicedb.domain.numbers import EXACT, plain
from invoicedb.errors import InvalidInvoice

# The one place where money is rounded: EXACT without its objection to it.
_ROUNDED = Context(
    prec=EXACT.prec,
    rounding=ROUND_HALF_EVEN,
    Emin=EXACT.Emin,
    Emax=EXACT.Emax,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation],
)
_NO_CURRENCY_DECIMALS = 2
_STEPS = tuple(Decimal(1).scaleb(-decimals, EXACT) for decimals in range(5))
_SHOWN = 20


def known_currency(code: str) -> str:
    """`code` as an ISO 4217 code in upper case: " eur " is "EUR".

    Raises InvalidInvoice, with field "invoice.currency", if there is no such code.
    """
    currency = code.strip().upper()
    # Some letters become ASCII in upper case; they are no currency's.
    if not code.isascii() or currency not in MINOR_UNITS:
        raise InvalidInvoice(
            field="invoice.currency",
            reason=f"{code[:_SHOWN]!r} is no ISO 4217 currency code: write one such as USD or EUR, or leave it out",
        )
    return currency


def minor_unit(currency: str | None) -> int:
    """How many decimals an amount of `currency` has: 2 for USD, 0 for JPY, 3 for KWD; 2 where no currency is named.

    Raises InvalidInvoice for an unknown code. Source: ISO 4217.
    """
    if currency is None:
        return _NO_CURRENCY_DECIMALS
    decimals = MINOR_UNITS.get(currency)
    return MINOR_UNITS[known_currency(currency)] if decimals is None else decimals


def line_money(quantity: Decimal, unit_price: Decimal, currency: str | None) -> Decimal:
    """What a line costs: packs times the price of one, rounded once, half to even, to the currency's minor unit.

    Exact before it is rounded, and printed without trailing zeros: 2 x 30.00 is 60.
    Raises InvalidInvoice for an unknown currency.
    """
    amount = EXACT.multiply(quantity, unit_price)
    return Decimal(plain(_ROUNDED.quantize(amount, _STEPS[minor_unit(currency)])))


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, exact whatever the caller's decimal context."""
    return reduce(EXACT.add, amounts, Decimal(0))
