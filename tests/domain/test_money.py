"""Money: every currency's minor unit, and one rounding, half to even, of the exact product."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb.domain.currencies import MINOR_UNITS
from invoicedb.domain.money import known_currency, line_money, minor_unit
from invoicedb.errors import InvalidInvoice

amounts = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=9, allow_nan=False)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [(None, 2), ("USD", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("CLF", 4), ("HUF", 2), ("usd", 2)],
)
def test_minor_units(currency: str | None, decimals: int) -> None:
    assert minor_unit(currency) == decimals


def test_codes_are_of_iso_4217_shape() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in MINOR_UNITS)
    assert set(MINOR_UNITS.values()) == {0, 2, 3, 4}
    assert len(MINOR_UNITS) > 160


@pytest.mark.parametrize(("written", "code"), [("usd", "USD"), (" Eur ", "EUR"), ("GBP", "GBP")])
def test_a_known_currency_is_written_in_upper_case(written: str, code: str) -> None:
    assert known_currency(written) == code


@pytest.mark.parametrize("written", ["", "XX", "US", "USDX", "XXX", "XAU", "u\N{LATIN SMALL LETTER LONG S}d", "€", "12" * 1000])
def test_an_unknown_currency_is_refused(written: str) -> None:
    for refuse in (known_currency, minor_unit):
        with pytest.raises(InvalidInvoice) as refused:
            refuse(written)
        assert refused.value.field == "invoice.currency"
        assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "total"),
    [
        ("2", "30.00", "USD", "60"),
        ("2.5", "30.10", "USD", "75.25"),
        ("1", "0.125", "USD", "0.12"),
        ("1", "0.135", "USD", "0.14"),
        ("3", "0.335", None, "1"),
        ("1", "-0.125", "USD", "-0.12"),
        ("1", "1.5", "JPY", "2"),
        ("1", "2.5", "JPY", "2"),
        ("1", "0.0005", "KWD", "0"),
        ("0.1", "0.01", "USD", "0"),
    ],
)
def test_a_line_is_rounded_once_half_to_even(quantity: str, price: str, currency: str | None, total: str) -> None:
    assert str(line_money(Decimal(quantity), Decimal(price), currency)) == total


@given(amounts, amounts, st.sampled_from([None, "USD", "JPY", "KWD", "CLF"]))
def test_a_line_is_the_exact_product_rounded(quantity: Decimal, price: Decimal, currency: str | None) -> None:
    with localcontext() as context:
        context.prec = 3
        total = line_money(quantity, price, currency)
    step = 10 ** minor_unit(currency)
    # Python rounds a Fraction half to even.
    assert Fraction(total) == Fraction(round(Fraction(quantity) * Fraction(price) * step), step)
