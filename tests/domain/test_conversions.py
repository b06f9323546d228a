"""An item's own conversions: 1 each = 150 g, a density. What is said becomes exact, and a pack what it exactly holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.units import TO_BASE, converted, read_conversions
from invoicedb.errors import InvalidConversion, UnitMismatch
from invoicedb.operations.ingest.packs import can_hold, pack_in

PEPPERS = {"each": "150", "ml": "0.92"}
BASE_UNITS = ("g", "ml", "each")
amounts = st.decimals(min_value="0.000000001", max_value=10**9, places=9)
any_text = st.text(st.characters(), max_size=20)  # lone surrogates too
units = st.sampled_from(sorted(TO_BASE.keys() - {"100 kg"}))


def held(text: str | None, base_unit: str, conversions: Mapping[str, str]) -> Decimal:
    return pack_in(None if text is None else read_pack_size(text), base_unit, conversions)


# ---- what is said of an item -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item_unit", "said", "conversions"),
    [
        ("g", {"each": "150 g", "1 l": "0.92 kg"}, PEPPERS),
        ("g", {"1 each": "0.15kg", "gal": "3482.57884128 g"}, PEPPERS),
        ("g", {"dozen": "1.8 KG", "0.92 kg": "1 l"}, PEPPERS),
        ("g", PEPPERS, PEPPERS),
        ("g", {"each": "1/4 lb"}, {"each": "113.3980925"}),
        ("g", {"1 lb": "12 each"}, {"each": "45359237/1200000"}),
        ("each", {"1 lb": "12 each"}, {"g": "1200000/45359237"}),
        ("each", {"g": "1200000/45359237"}, {"g": "1200000/45359237"}),
        ("each", {"LBR": "12"}, {"g": "1200000/45359237"}),
        ("ml", {"1 kg": "1.25 l", "EA": "330 ml"}, {"g": "1.25", "each": "330"}),
        ("ml", {"each": "12 oz"}, {"each": "354.88235475"}),
        ("ml", {"each": "12 oz wt", "g": "2 ml"}, None),
        ("g", {"each": "12 oz"}, {"each": "340.1942775"}),
        ("each", {"16 oz": "1"}, {"g": "100000/45359237"}),
        ("each", {"16 fl. oz.": "1"}, {"ml": "1000000/473176473"}),
        ("g", {}, {}),
    ],
)
def test_what_a_person_says(item_unit: str, said: dict[str, str], conversions: dict[str, str] | None) -> None:
    if conversions is None:
        with pytest.raises(InvalidConversion, match="neither side"):
            read_conversions(said, item_unit=item_unit)
        return
    assert read_conversions(said, item_unit=item_unit) == conversions


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"each": "0 g"}, "no amount above 0"),
        ({"0 each": "150 g"}, "no amount above 0"),
        ({"each": "-150 g"}, "no amount"),
        ({"each": "1/0 g"}, "no amount above 0"),
        ({"each": "1/ g"}, "no unit"),
        ({"each": "/2 g"}, "no unit"),
        ({"each": "1,5 kg"}, "no amount"),
        ({"each": "1e3 g"}, "no unit"),
        ({"each": "NaN"}, "no unit"),
        ({"each": "1234567890123456 g"}, "more digits"),
        ({"0." + "0" * 150 + "1 each": "1" + "0" * 150 + " g"}, "more digits"),
        ({"1." + "0" * 120 + "1 each": "1." + "0" * 120 + "3 g"}, "more digits"),
        ({"each": "1 1/2 lb"}, "'1/2 lb' is no amount"),
        ({"each": "150 grammes of it"}, "no unit"),
        ({"sack": "20 kg"}, "'sack' is no unit"),
        ({"1 lb": "0.5 kg"}, "both sides are told in g"),
        ({"oz": "28 g"}, "both sides are told in g"),
        ({"1 l": "3 each"}, "neither side"),
        ({"each": ""}, "is empty"),
        ({"": ""}, "is empty"),
        ({"each": "150 g", "dozen": "2 kg"}, "another conversion says that 1 each is 150 g"),
        ({"each": "1" * 1000}, "too long"),
        ({"x" * 1000: "1"}, "too long"),
    ],
)
def test_what_is_no_conversion_is_refused_with_the_reason(said: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidConversion, match=reason) as refused:
        read_conversions(said, item_unit="g")
    assert "is no conversion" in str(refused.value)
    assert len(str(refused.value)) < 400


@given(st.dictionaries(any_text, any_text, max_size=3), st.sampled_from(BASE_UNITS))
def test_any_texts_are_conversions_or_refused(said: dict[str, str], item_unit: str) -> None:
    try:
        conversions = read_conversions(said, item_unit=item_unit)
    except InvalidConversion:
        return
    assert all(Fraction(each) > 0 for each in conversions.values())


@given(amounts, units, amounts, units, st.sampled_from(BASE_UNITS))
def test_a_conversion_is_the_exact_quotient(left: Decimal, one: str, right: Decimal, other: str, item_unit: str) -> None:
    stated = ((left, one), (right, other))
    sides = {str(TO_BASE[unit][1]): Fraction(quantity) * Fraction(TO_BASE[unit][0]) for quantity, unit in stated}
    # Ounces alone would be fluid of an item in ml.
    first, second = (f"{quantity:f} {'oz wt' if unit == 'oz' else unit}" for quantity, unit in stated)
    (told,) = sides.keys() - {item_unit} if len(sides) == 2 and item_unit in sides else [None]
    if told is None or sides[item_unit] / sides[told] >= 10**15:
        with pytest.raises(InvalidConversion):
            read_conversions({first: second}, item_unit=item_unit)
        return
    with localcontext() as context:
        context.prec = 3
        conversions = read_conversions({first: second}, item_unit=item_unit)
    assert {unit: Fraction(each) for unit, each in conversions.items()} == {told: sides[item_unit] / sides[told]}
    assert read_conversions(conversions, item_unit=item_unit) == conversions


# ---- what a pack holds of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack_size", "base_unit", "conversions", "quantity"),
    [
        ("6/5 LB", "g", PEPPERS, "13607.7711"),
        ("12 CT", "g", PEPPERS, "1800"),
        (None, "g", PEPPERS, "150"),
        ("2 DZ", "g", PEPPERS, "3600"),
        ("6/1 L", "g", PEPPERS, "5520"),
        ("4/1 GAL", "g", PEPPERS, "13930.31536512"),
        ("12/32 OZ", "g", PEPPERS, "10886.21688"),
        ("12/32 FL OZ", "g", PEPPERS, "10447.73652384"),
        ("12/32 OZ", "ml", {"g": "1.25"}, "11356.235352"),
        ("12/32 OZ WT", "ml", {"g": "1.25"}, "13607.7711"),
        ("12/32 OZ", "each", {"g": "1200000/45359237"}, "288"),
        ("12/32 OZ", "each", {"ml": "0.5"}, "5678.117676"),
        ("12/32 OZ", "each", {"ml": "0.5", "g": "2"}, "21772.43376"),
        ("12/32 OZ WT", "each", {"ml": "0.5", "g": "2"}, "21772.43376"),
        ("5 LB", "each", {"g": "1200000/45359237"}, "60"),
        ("12 CT", "each", {}, "12"),
        ("12 CT", "g", {"each": "45359237/1200000"}, "453.59237"),
        ("1 KG", "g", {"g": "7"}, "1000"),
    ],
)
def test_a_pack_in_the_unit_of_its_item(
    pack_size: str | None, base_unit: str, conversions: dict[str, str], quantity: str
) -> None:
    assert held(pack_size, base_unit, conversions) == Decimal(quantity)
    assert can_hold(None if pack_size is None else read_pack_size(pack_size), base_unit, conversions)


@pytest.mark.parametrize(
    ("pack_size", "base_unit", "conversions", "unit"),
    [
        ("12 CT", "g", {}, "each"),
        (None, "ml", {"g": "1"}, "each"),
        ("6/5 LB", "ml", {"each": "330"}, "lb"),
        ("12/32 OZ", "each", {}, "oz"),
        ("12/32 OZ WT", "ml", {}, "oz"),
        ("12/32 OZ WT", "each", {"ml": "0.5"}, "oz"),
        ("1 GAL", "g", {"each": "150"}, "gal"),
    ],
)
def test_another_dimension_without_a_conversion(
    pack_size: str | None, base_unit: str, conversions: dict[str, str], unit: str
) -> None:
    with pytest.raises(UnitMismatch) as refused:
        held(pack_size, base_unit, conversions)
    assert (refused.value.unit, refused.value.item_unit) == (unit, base_unit)
    assert not can_hold(None if pack_size is None else read_pack_size(pack_size), base_unit, conversions)


def test_a_pack_that_no_finite_decimal_tells_is_refused_not_rounded() -> None:
    by_the_pound = read_conversions({"1 lb": "12 each"}, item_unit="each")
    assert held("5 LB", "each", by_the_pound) == 60
    with pytest.raises(UnitMismatch, match="kg can't become each"):
        held("2 KG", "each", by_the_pound)


@pytest.mark.parametrize(
    "conversion", ["", "x", "0", "0.0", "-1", "1/0", "0/1", "1/", "/1", "1e3", "NaN", "١", "1/2/3", " 1", "1\n", "9" * 1000]
)
def test_what_somebody_wrote_into_the_column_is_no_conversion(conversion: str) -> None:
    assert converted(Decimal(1), conversion) is None
    assert not can_hold(read_pack_size("12 CT"), "g", {"each": conversion})


@given(amounts, amounts, st.sampled_from(["g", "ml", "each"]), st.sampled_from(["g", "ml", "each"]))
def test_what_a_pack_holds_is_an_exact_product(size: Decimal, conversion: Decimal, unit: str, base_unit: str) -> None:
    text = f"{int(size) + 1} CT" if unit == "each" else f"3 x {size:f} {unit}"
    pack = read_pack_size(text)
    with localcontext() as context:
        context.prec = 3
        quantity = pack_in(pack, base_unit, {other: f"{conversion:f}" for other in BASE_UNITS})
    factor = 1 if unit == base_unit else Fraction(conversion)
    assert Fraction(quantity) == Fraction(pack.base_quantity) * factor


@given(amounts, st.integers(1, 10**30), st.integers(1, 10**30))
def test_a_fraction_of_a_quantity_is_exact_or_none(quantity: Decimal, above: int, below: int) -> None:
    exact = Fraction(quantity) * Fraction(above, below)
    found = converted(quantity, f"{above}/{below}")
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    assert (found is None) == (rest != 1)
    assert found is None or Fraction(found) == exact
