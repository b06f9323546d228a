"""Units: the factors are those of the standards, and conversion is exact whatever the caller's decimal context."""

from __future__ import annotations

import csv
import re
from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb.domain.units import TO_BASE, canonical_unit, to_base
from invoicedb.domain.vocabulary import KEG_SIZES, REC20_UNITS, UNIT_SPELLINGS
from invoicedb.errors import UnitMismatch

CODES = Path(__file__).parents[2] / ".." / "shared" / "data" / "unece_rec20.csv"
quantities = st.decimals(min_value=0, max_value=10**15, places=9, allow_nan=False, allow_infinity=False)


def test_two_pounds_in_grams() -> None:
    assert str(to_base(Decimal(2), "lb", item_unit="g")) == "907.18474"


@pytest.mark.parametrize(
    ("unit", "parts", "part"),
    [
        ("lb", 16, "oz"),
        ("stone", 14, "lb"),
        ("cwt", 100, "lb"),
        ("long cwt", 112, "lb"),
        ("short ton", 2000, "lb"),
        ("long ton", 2240, "lb"),
        ("lb", 7000, "grain"),
        ("troy oz", 480, "grain"),
        ("oz", 16, "dram"),
        ("gal", 4, "qt"),
        ("gal", 8, "pt"),
        ("gal", 128, "fl oz"),
        ("gal", 231, "cubic inch"),
        ("barrel", 42, "gal"),
        ("half barrel", 2, "quarter barrel"),
        ("half barrel", 3, "sixth barrel"),
        ("half barrel", 4, "eighth barrel"),
        ("cup", 8, "fl oz"),
        ("fl oz", 2, "tbsp"),
        ("tbsp", 3, "tsp"),
        ("cubic foot", 1728, "cubic inch"),
        ("imperial gal", 160, "imperial fl oz"),
        ("imperial gal", 8, "imperial pt"),
        ("imperial peck", 2, "imperial gal"),
        ("imperial bushel", 4, "imperial peck"),
        ("bushel", 4, "peck"),
        ("bushel", 8, "dry gal"),
        ("bushel", 32, "dry qt"),
        ("bushel", 64, "dry pt"),
        ("cubic yard", 27, "cubic foot"),
        ("long cwt", 4, "quarter"),
        ("kg", 1000, "g"),
        ("l", 100, "cl"),
        ("l", 1000, "ml"),
        ("gross", 12, "dozen"),
        ("million", 1000, "thousand"),
    ],
)
def test_units_divide_into_each_other_exactly(unit: str, parts: int, part: str) -> None:
    assert TO_BASE[unit][0] == parts * TO_BASE[part][0]
    assert TO_BASE[unit][1] == TO_BASE[part][1]


def test_the_definitions_the_rest_is_built_on() -> None:
    assert TO_BASE["lb"] == (Decimal("453.59237"), "g")
    assert TO_BASE["cubic inch"] == (Decimal("2.54") ** 3, "ml")
    assert TO_BASE["imperial gal"] == (Decimal("4546.09"), "ml")
    assert 2 * TO_BASE["half barrel"][0] == 31 * TO_BASE["gal"][0]
    assert TO_BASE["bushel"] == (Decimal("2150.42") * TO_BASE["cubic inch"][0], "ml")


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("LB", "lb"),
        ("lbs", "lb"),
        ("#", "lb"),
        ("LBR", "lb"),
        ("OZ", "oz"),
        ("ONZ", "oz"),
        ("Fl. Oz.", "fl oz"),
        ("FZ", "fl oz"),
        ("OZ FL", "fl oz"),
        ("oz. wt.", "oz"),
        ("gal", "gal"),
        ("GLL", "gal"),
        ("QT", "qt"),
        ("PT", "pt"),
        ("KGM", "kg"),
        ("G", "g"),
        ("LT", "l"),
        ("LTR", "l"),
        ("CL", "cl"),
        ("CT", "each"),
        ("C62", "each"),
        ("H87", "each"),
        ("EA", "each"),
        ("PK", "each"),
        ("DOZ", "dozen"),
        ("DZN", "dozen"),
    ],
)
def test_spellings_and_codes(written: str, unit: str) -> None:
    assert canonical_unit(written) == unit


@pytest.mark.parametrize("written", ["", "XX", "FT", "MTR", "HUR", "KWH"])
def test_what_is_no_unit_of_goods_is_unknown(written: str) -> None:
    assert canonical_unit(written) is None


def test_every_word_and_code_leads_to_a_factor() -> None:
    assert set(UNIT_SPELLINGS.values()) | set(REC20_UNITS.values()) <= set(TO_BASE)
    assert set(TO_BASE) - set(KEG_SIZES.values()) == set(REC20_UNITS.values()), "a unit without a code is a typo, or a keg"


@given(quantities, st.sampled_from(sorted(TO_BASE)))
def test_conversion_is_exact_in_any_context(quantity: Decimal, unit: str) -> None:
    factor, base_unit = TO_BASE[unit]
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        converted = to_base(quantity, unit, item_unit=base_unit)
    assert Fraction(converted) == Fraction(quantity) * Fraction(factor)


@pytest.mark.parametrize(("unit", "item_unit"), [("lb", "ml"), ("gal", "g"), ("each", "g"), ("oz", "each"), ("XX", "g")])
def test_another_dimension_is_refused(unit: str, item_unit: str) -> None:
    with pytest.raises(UnitMismatch) as refused:
        to_base(Decimal(1), unit, item_unit=item_unit)
    assert (refused.value.unit, refused.value.item_unit) == (unit, item_unit)


def test_the_codes_of_goods_in_recommendation_20() -> None:
    goods = [row for row in rows_of_recommendation_20() if row["base_unit"]]
    read = {row["code"]: TO_BASE[canonical_unit(row["code"]) or ""] for row in goods}
    assert read == {row["code"]: (Decimal(row["base_factor"]), row["base_unit"]) for row in goods}
    assert read


PRINTED = re.compile(r"([\d,.\s]*?)\s*(?:x\s*)?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*))?\s*(kg|g|m³)")
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
MISPRINTED = {
    "APZ": "the exponent, which is -2",
    "DRI": "one digit: a sixteenth of an ounce is 1.771845 g",
}
SI = {"kg": ("g", 1000), "g": ("g", 1), "m³": ("ml", 10**6)}


def test_the_factors_printed_in_recommendation_20_are_ours_rounded() -> None:
    """Six or seven digits of ours; its imperial gallon, 4.546092 l, is 0.4 millionths from the definition."""
    rows = {row["code"]: row["conversion_factor"] for row in rows_of_recommendation_20()}
    assert set(REC20_UNITS) <= set(rows)
    printed = {code: found for code in REC20_UNITS if (found := PRINTED.fullmatch(rows[code].strip()))}
    assert len(printed) > 50
    for code, found in printed.items():
        if code in MISPRINTED:
            continue
        base_unit, factor = SI[found[3]]
        number = Fraction(re.sub(r"\s", "", found[1]).replace(",", ".") or 1)
        rounded = number * Fraction(10) ** int((found[2] or "0").translate(SUPERSCRIPTS)) * factor
        exact, unit = TO_BASE[REC20_UNITS[code]]
        assert unit == base_unit, code
        assert abs(Fraction(exact) / rounded - 1) < Fraction(2, 10**6), code


def rows_of_recommendation_20() -> list[dict[str, str]]:
    if not CODES.exists():
        pytest.skip("the list of codes is not part of the repository, and not beside it here")
    with CODES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
