"""Numbers: what is taken as one, what is refused and why, and that equal numbers are printed the same."""

from __future__ import annotations

import time
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb.domain.numbers import plain, read_number
from invoicedb.errors import ErrorType, InvalidNumber


def read(value: object) -> Decimal:
    return read_number(value, field="quantity", error_type=ErrorType.INVALID_QUANTITY)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (5, "5"),
        (5.0, "5"),
        ("5.00", "5"),
        (Decimal("5E0"), "5"),
        (Decimal("5E+3"), "5000"),
        (0.1, "0.1"),
        (2.5, "2.5"),
        (1e-7, "0.0000001"),
        (" 5 ", "5"),
        ("+5", "5"),
        ("-5", "-5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("00123.450", "123.45"),
        ("-0", "0"),
        (-0.0, "0"),
        (Decimal("0E+1000000"), "0"),
        (Decimal("1e3"), "1000"),
        (10**15 - 1, "999999999999999"),
        ("0.000000001", "0.000000001"),
        (Decimal("1." + "0" * 50), "1"),
    ],
)
def test_accepted_and_normalised(value: object, printed: str) -> None:
    assert plain(read(value)) == printed


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "yes or no"),
        (None, "missing"),
        ("", "empty"),
        ("   ", "empty"),
        ("1,234.50", "comma"),
        ("1.234,50", "comma"),
        ("$5", "no number"),
        ("5 EUR", "no number"),
        ("1_000", "no number"),
        ("1e3", "exponent"),
        ("１２", "not 0 to 9"),
        ("٣", "not 0 to 9"),
        ("NaN", "no number"),
        ("Infinity", "no number"),
        ("5\n5", "no number"),
        ("--5", "no number"),
        (".", "no number"),
        ("0x10", "no number"),
        ([], "no number"),
        ({"amount": 5}, "no number"),
        (b"5", "no number"),
        (0.1 + 0.2, "exact decimal"),
        (1e308, "15 digits before"),
        (float("nan"), "not finite"),
        (float("-inf"), "not finite"),
        (Decimal("NaN"), "not finite"),
        (Decimal("sNaN"), "not finite"),
        (Decimal("Infinity"), "not finite"),
        (10**15, "15 digits before"),
        pytest.param(-(10**5000), "15 digits before", id="a long integer"),
        ("1000000000000000", "15 digits before"),
        ("0.0000000001", "9 digits after"),
        (Decimal("1.0000000001"), "9 digits after"),
        (Decimal("1e-1000000"), "9 digits after"),
        (Decimal("1e131072"), "15 digits before"),
        pytest.param("9" * 10_000, "longer", id="a long text"),
    ],
)
def test_refused_with_a_reason(value: object, reason: str) -> None:
    with pytest.raises(InvalidNumber, match=reason) as refused:
        read(value)
    assert refused.value.field == "quantity"
    assert refused.value.error_type is ErrorType.INVALID_QUANTITY
    assert len(str(refused.value)) < 300, "a huge number must not be written out"


def test_a_number_of_common_size_needs_no_care_to_be_printed() -> None:
    assert str(read("5000.00")) == "5000"
    assert str(read("0.000001")) == "0.000001"


def test_a_huge_exponent_is_never_written_out() -> None:
    start = time.perf_counter()
    for value in (Decimal("1e1000000"), Decimal("1e-1000000"), Decimal("-1e999999999")):
        with pytest.raises(InvalidNumber):
            read(value)
    assert time.perf_counter() - start < 0.05


@given(st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=9, allow_nan=False))
def test_a_number_within_the_limits_keeps_its_value_in_any_form_and_context(number: Decimal) -> None:
    with localcontext() as context:
        context.prec = 2
        # As a tuple: equal numbers must be the same number of digits too, so that they are printed the same.
        assert read(number).as_tuple() == read(format(number, "f")).as_tuple() == read(f" {number:.12f} ").as_tuple()
        forms = {plain(read(number)), plain(number)}
    assert len(forms) == 1
    printed = forms.pop()
    assert Fraction(printed) == Fraction(number)
    assert "E" not in printed
    assert "." not in printed or not printed.endswith("0")


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = read(text)
    except InvalidNumber:
        return
    assert Fraction(number) == Fraction(text.strip().removesuffix("."))


@given(st.floats())
def test_any_float_is_its_shortest_decimal_or_refused(value: float) -> None:
    try:
        number = read(value)
    except InvalidNumber:
        return
    assert Fraction(number) == Fraction(repr(value))


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-Infinity"), Decimal("1e1000000")])
def test_plain_writes_only_what_can_be_written(value: Decimal) -> None:
    with pytest.raises(ValueError, match="finite"):
        plain(value)
