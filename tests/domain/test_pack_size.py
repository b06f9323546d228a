"""Pack sizes: what a bookkeeper relies on when `6/5 LB` becomes 13.6 kg, and what must never be guessed."""

from __future__ import annotations

import csv
import gc
import sys
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from invoicedb.domain.numbers import INTEGER_DIGITS
from invoicedb.domain.pack_meaning import meaning
from invoicedb.domain.pack_scan import scan
from invoicedb.domain.pack_size import LONGEST_PACK_SIZE, PackSize, find_sizes, read_pack_size
from invoicedb.domain.units import TO_BASE
from invoicedb.errors import AmbiguousPackSize, ErrorType, UnreadablePackSize

EXPECTED = Path(__file__).parents[2] / ".." / "shared" / "data" / "pack_sizes_expected.csv"
SPELLINGS = {
    "lb": ["LB", "lbs", "#", "Pound"],
    "oz": ["OZ", "oz.", "Z"],
    "kg": ["KG", "kg"],
    "g": ["GM", "gr", "gm"],  # G may be a gallon
    "ml": ["ml", "ML"],
    "l": ["L", "LT", "liter"],
    "gal": ["GAL", "gl", "Gallon"],
    "qt": ["QT", "quart"],
    "fl oz": ["FL OZ", "fl. oz.", "FZ"],
    "each": ["CT", "cnt", "ea"],
}
units = st.sampled_from(sorted(SPELLINGS))
counts = st.integers(min_value=1, max_value=9999)
# Off the fractions that goods are sold in, which are ambiguous after a slash, off pairs that may be net and drained weight, and
# off thousandths, which may be thousands.
sizes = st.decimals(min_value="0.01", max_value=9999, places=2).filter(lambda size: size != int(size)) | st.integers(
    min_value=10_000, max_value=10**7
).map(Decimal)


def refused(text: str) -> UnreadablePackSize | AmbiguousPackSize:
    with pytest.raises((UnreadablePackSize, AmbiguousPackSize)) as caught:
        read_pack_size(text)
    assert isinstance(caught.value, UnreadablePackSize | AmbiguousPackSize)
    return caught.value


def test_six_five_pound_packs() -> None:
    assert read_pack_size("6/5 LB") == PackSize(
        base_quantity=Decimal("13607.7711"),
        base_unit="g",
        count=Decimal(6),
        unit_size=Decimal("2267.96185"),
        unit="lb",
        key="6/5LB",
        understood="6 x 5 lb",
    )


@pytest.mark.parametrize(
    ("text", "base_quantity", "base_unit"),
    [
        ("50 LB", "22679.6185", "g"),
        ("4/1 GAL", "15141.647136", "ml"),
        ("24x330ml", "7920", "ml"),
        ("12 CT", "12", "each"),
        ("1/30 DZ", "360", "each"),
        ("6/#10", "6", "each"),
        ("12 X (10 X 2) X 25G", "6000", "g"),
        ("24 cans at 12 fl. oz. per can", "8517.176514", "ml"),
        ("6 cans at 8 lbs 12 oz. per can", "23813.599425", "g"),
        ("Ctn 12 946ml", "11352", "ml"),
        ("500 ml x 24", "12000", "ml"),
        ("1½ LB", "680.388555", "g"),
        ("0,150 kg", "150", "g"),
        ("2,500/CS", "2500", "each"),
        ("16 FL OZ (473 ml)", "473.176473", "ml"),
        ("190 g (égoutté : 115 g)", "190", "g"),
        ("RICE PARBOIL BAG   1/50#", "22679.6185", "g"),
        ("EA", "1", "each"),
        ("per cake", "1", "each"),
        ("24 HEADS", "24", "each"),
        ("Gloves Latex 10/100ctXL", "1000", "each"),
        ("*NEW* OIL 6/1GAL", "22712.470704", "ml"),
        ("１２/５ LB", "27215.5422", "g"),
        ("6\u200b/5 LB", "13607.7711", "g"),
        ("345 g (neto), 180 g (escurrido), 370 ml", "345", "g"),
        ("NET WT 24 OZ 720 ML", "680.388555", "g"),
        ("NET 12 OZ (355 ML)", "354.88235475", "ml"),
        ("1/2 BBL", "58673.882652", "ml"),
        ("1/4 BBL", "29336.941326", "ml"),
        ("1/6 BBL", "19557.960884", "ml"),
        ("1/8 barrel", "14668.470663", "ml"),
        ("HALF BBL", "58673.882652", "ml"),
        ("2 x 1/6 BBL KEG", "39115.921768", "ml"),
        ("1/6 BBL (5.17 GAL)", "19557.960884", "ml"),
        ("BEER 1/2 BBL 15.5 GAL", "58673.882652", "ml"),
        ("20 lit bbl", "20000", "ml"),
        ("5G BIB", "18927.05892", "ml"),
        ("BIB 5G", "18927.05892", "ml"),
        ("5G PAIL", "18927.05892", "ml"),
        ("55G DRUM", "208197.64812", "ml"),
        ("2.5g", "2.5", "g"),
        ("250G", "250", "g"),
        ("12/250G", "3000", "g"),
        ("500 G", "500", "g"),
        ("240X10G", "2400", "g"),
        ("100 GR", "100", "g"),
        ("1.000 KG", "1000", "g"),
        ("1.500 LB", "680.388555", "g"),
        ("NW 12 KG", "12000", "g"),
        ("N.W. 12 KG", "12000", "g"),
        ("YOGURT 72/4OZ CUPS", "8164.66266", "g"),
        ("12/1-1/2 LB", "8164.66266", "g"),
        ("12/1 1/2 LB", "8164.66266", "g"),
        ("6 x 2-1/2 LB", "6803.88555", "g"),
        ("9/HALF GAL", "17034.353028", "ml"),
        ("9 HALF GALLONS", "17034.353028", "ml"),
        ("HALF GAL", "1892.705892", "ml"),
        ("HALF & HALF 9/HALF GAL", "17034.353028", "ml"),
        ("HALF DOZEN", "6", "each"),
        ("10 BX/100", "1000", "each"),
        ("CS/24", "24", "each"),
        ("PK/12", "12", "each"),
        ("BX/100", "100", "each"),
        ("CS/24 CT", "24", "each"),
        ("CS/6/5 LB", "13607.7711", "g"),
        ("4/1 GA", "15141.647136", "ml"),
    ],
)
def test_readings(text: str, base_quantity: str, base_unit: str) -> None:
    size = read_pack_size(text)
    assert (str(size.base_quantity), size.base_unit) == (base_quantity, base_unit)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "6/5 XX",
            "50 LBZ BAG",
            "0/5 LB",
            "6/0 LB",
            "-6/5 LB",
            "1e9/5 LB",
            "6/5/4/3 LB",
            "/5 LB",
            "2.5/5 LB",
            "0.5 CT",
        ),
        *(
            "200",
            "12 Outer 350",
            "1/1000 FT",
            "CS",
            "per bag",
            "200g ?",
            "⅓ LB",
            "1⅓ LB",
            "10² LB",
            "BAG ZIP FRZ 2GAL",
            "5 LB 6",
        ),
        *(
            "CASE COLA 500ML",
            "VINEGAR WHITE 50GR",
            "1.2.3 LB",
            "1234567890123456 LB",
            "0.0000000001 LB",
            "999999999999999/2 KG",
        ),
        *("#10 CAN", "CUP 24OZ CLEAR", "LIDS 8 OZ", "280 neto, 135 escurrido, 314 ml", "7/CATCH", "1/1-1/9"),
        *("GW 12 KG", "12 KG GW", "G.W.: 12 KG", "GROSS WT 12 KG", "Gr. Wt. 12 kg", "12 KG BRUTTO", "80 CT 1 GROSS"),
        *("HALF & HALF QT", "HALF AND HALF QT", "HALF/HALF GAL", "HALF&HALF GAL", "BG/24", "CS 24", "2.500 CT", "1-1/2 BBL"),
        *("12/1-1/3 LB", "0/1-1/2 LB", "1/1-1/9 BU"),
        *("CaseCola 500ml", "*NEW*CUP 2OZ", "SAUCE PAN 1QT"),
    ],
)
def test_unreadable(text: str) -> None:
    error = refused(text)
    assert isinstance(error, UnreadablePackSize)
    assert error.error_type is ErrorType.UNREADABLE_PACK_SIZE


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1/2 LB", ("1 x 2 lb", "1/2 of 1 lb")),
        ("6 1/2 LB", ("6 and 1/2 lb", "6 x 1/2 lb")),
        ("6/1/2 GAL", ("6 x 1/2 gal", "6 x 1 x 2 gal")),
        ("6/1/2 DZ", ("6 x 1/2 dz", "6 x 1 x 2 dz")),
        ("5-7 OZ", ("5 x 7 oz", "5 to 7 oz")),
        ("1,500 KG", ("1500 kg", "1.5 kg")),
        ("8 fl. oz (240 mL)", ("8 fl oz", "240 ml")),
        ("670/350 g", ("670 x 350 g", "670 g net, 350 g drained")),
        ("425 g brut, 390 g net", ("425 g gross", "390 g net")),
        ("12 OZ (350 ML)", ("12 oz", "350 ml")),
        ("18X500", ("18 x 500 each", "18 x 500 g", "18 x 500 lb", "18 x 500 oz", "18 x 500 ml")),
        ("12X1000", ("12 x 1000 each", "12 x 1000 g", "12 x 1000 lb", "12 x 1000 oz", "12 x 1000 ml")),
        ("24/500", ("24 x 500 each", "24 x 500 g", "24 x 500 lb", "24 x 500 oz", "24 x 500 ml")),
        ("4/1G", ("4 x 1 g", "4 x 1 gal")),
        ("4/1g", ("4 x 1 g", "4 x 1 gal")),
        ("1G", ("1 g", "1 gal")),
        ("2.5 G", ("2.5 g", "2.5 gal")),
        ("1 GR", ("1 g", "1 gross (of 144)")),
        ("2 x 12 grs", ("2 x 12 g", "2 x 12 gross (of 144)")),
        ("1.000 CT", ("1 ct", "1000 ct")),
        ("1.000 CS", ("1 cs", "1000 cs")),
        ("2.000/CS", ("2 each", "2000 each")),
        ("1.000/5 LB", ("1/5 lb", "1000/5 lb")),
        ("1.500 G", ("1.5 g", "1500 g")),
        ("72/4OZ CUPS", ("72 x 4 oz", "72 cups of 4 oz, empty")),
        ("4 OZ CUP", ("4 oz", "1 cup of 4 oz, empty")),
        ("FOAM 72/4OZ CUPS", ("72 x 4 oz", "72 cups of 4 oz, empty")),
        ("80 GA", ("80 gal", "a gauge of 80")),
        ("1/6 KEG", ("1 sixth barrel", "1/6 keg")),
        ("2 x 1/2 KEG", ("2 x 1 half barrel", "2x1/2 keg")),
        ("GW 12 KG NW 10 KG", ("12 kg gross", "10 kg net")),
        ("CS/40", ("40 each", "40 g", "40 lb", "40 oz", "40 ml")),
        ("10 BX/40", ("10 x 40 each", "10 x 40 g", "10 x 40 lb", "10 x 40 oz", "10 x 40 ml")),
    ],
)
def test_two_meanings_are_both_named(text: str, readings: tuple[str, ...]) -> None:
    error = refused(text)
    assert isinstance(error, AmbiguousPackSize)
    assert error.readings == readings


@pytest.mark.parametrize(
    "texts",
    [
        ("6/5 LB", "6/5LB", "6 x 5 lbs", "6x5#", "6 @ 5 lb", "6 bags at 5 lbs per bag", "6/80 OZ WT", "6 - 5 LB / CS"),
        ("12/32 OZ", "12 x 32oz", "12 bottles of 32 ounces", "12/32Z"),
        ("50 LB", "1/50 LB", "50# BAG", "BAG 50 LB"),
        ("12/1 QT", "12/32 FL OZ", "12 bottles of 1 quart"),
        ("1 KG", "1000 g"),
        ("24 CT", "2 DZ", "24/CS"),
    ],
)
def test_keys_are_equal_for_equal_meanings(texts: tuple[str, ...]) -> None:
    assert len({read_pack_size(text).key for text in texts}) == 1


def test_keys_differ_for_other_meanings() -> None:
    texts = ["6/5 LB", "5/6 LB", "30 LB", "6/5 KG", "6/5 CT", "6/5 FL OZ", "6/5 OZ", "6 CT", "6 bags", "12 QT", "12/1 QT"]
    texts += ["6/5 OZ WT", "6/80 OZ"]  # which of an item of volume are other quantities
    assert len({read_pack_size(text).key for text in texts}) == len(texts)


@given(counts, sizes, units, st.data())
def test_count_and_size_are_exact_in_any_spelling_and_context(
    count: int, size: Decimal, unit: str, data: st.DataObject
) -> None:
    if unit == "each":
        size = Decimal(int(size) + 1)
    spelling = data.draw(st.sampled_from(SPELLINGS[unit]))
    text = f"{count}{data.draw(st.sampled_from([' x ', 'x', 'X']))}{size}{data.draw(st.sampled_from(['', ' ']))}{spelling}"
    with localcontext() as context:
        context.prec = 3
        read = read_pack_size(text)
    factor, base_unit = TO_BASE[unit]
    assert read.count == count
    assert Fraction(read.unit_size) == Fraction(size) * Fraction(factor)
    assert Fraction(read.base_quantity) == Fraction(read.count) * Fraction(read.unit_size)
    assert (read.base_unit, read.unit) == (base_unit, unit)


@given(st.lists(st.tuples(counts, sizes, units), min_size=2, max_size=30))
def test_keys_are_equal_exactly_when_meanings_are(packs: list[tuple[int, Decimal, str]]) -> None:
    read = [read_pack_size(f"{count} x {int(size) + 1 if unit == 'each' else size} {unit}") for count, size, unit in packs]
    read += [read_pack_size(text) for text in ("6/5 LB", "6/80 OZ", "6/1 GAL", "6/128 FL OZ", "6/5 KG", "6/5000 G")]
    meanings = {(size.count, size.unit_size, size.base_unit, size.fluid is None) for size in read}
    assert len({size.key for size in read}) == len(meanings)


# ---- ounces ----------------------------------------------------------------------------------------------------------------


def test_ounces_alone_are_of_weight_unless_the_item_is_one_of_volume() -> None:
    size = read_pack_size("12/32 OZ")
    assert (size.base_quantity, size.base_unit) == (Decimal("10886.21688"), "g")
    assert size.understood == "12 x 32 oz (weight, as it doesn't say fluid)"
    assert size.told_in("g") is size.told_in("each") is size
    fluid = size.told_in("ml")
    assert (fluid.base_quantity, fluid.unit_size, fluid.base_unit) == (Decimal("11356.235352"), Decimal("946.352946"), "ml")
    assert (fluid.unit, fluid.understood) == ("fl oz", "12 x 32 oz (fluid, as the item is one of volume)")


@pytest.mark.parametrize(
    "text",
    [
        *("32 OZ WT", "32 oz. wt.", "32 WT OZ", "32OZWT", "32 ONZ", "WT 32 OZ", "NET WT 32 OZ", "NET WT: 32 OZ"),
        *("32 OZ NET WT", "Net Wt 32 oz (2 LB)", "PESO NETO 32 OZ", "32 OZ PESO NETO", "32 OZ (907 G)", "32 OZ AVOIRDUPOIS"),
    ],
)
def test_a_text_may_say_that_its_ounces_are_of_weight(text: str) -> None:
    size = read_pack_size(text)
    assert (size.base_quantity, size.fluid) == (Decimal("907.18474"), None)
    assert size.told_in("ml") is size
    assert size.understood == "32 oz (weight)"


@pytest.mark.parametrize(
    "text",
    ["12 FL OZ", "12 fl. oz.", "12 OZ FL", "12 ONZAS LIQUIDAS", "12FlOz", "12 OZ (355 ML)", "12 OZ (12 FL OZ)", "12 FLZ"],
)
def test_or_that_they_are_fluid(text: str) -> None:
    size = read_pack_size(text)
    assert (size.base_quantity, size.base_unit, size.unit) == (Decimal("354.88235475"), "ml", "fl oz")
    assert (size.fluid, size.understood) == (None, "12 fl oz")


@pytest.mark.parametrize(
    ("text", "ounces"), [("OZ", 1), ("10 one-ounce pieces", 10), ("3-oz bag", 3), ("NET 12 OZ", 12), ("12 OZ 12 OZ", 12)]
)
def test_ounces_of_any_form_may_be_fluid(text: str, ounces: int) -> None:
    fluid = read_pack_size(text).fluid
    assert fluid is not None
    assert fluid.base_quantity == ounces * TO_BASE["fl oz"][0]


@given(counts, sizes, st.sampled_from(["OZ", "oz.", "Z", "ounces"]))
def test_both_readings_of_ounces_are_exact(count: int, size: Decimal, spelling: str) -> None:
    read = read_pack_size(f"{count} x {size} {spelling}")
    assert read.fluid is not None
    for reading, unit in ((read, "oz"), (read.fluid, "fl oz")):
        assert Fraction(reading.unit_size) == Fraction(size) * Fraction(TO_BASE[unit][0])
        assert Fraction(reading.base_quantity) == count * Fraction(reading.unit_size)


# ---- the forms that invoices have ------------------------------------------------------------------------------------------

whole = st.integers(min_value=1, max_value=9999)
measures = st.sampled_from(
    [(spelling, unit) for unit, spellings in SPELLINGS.items() if unit != "each" for spelling in spellings]
)
FORMS = {
    "{size}{unit}/BG {count}BG/CS": "5LB/BG 6BG/CS",
    "{count}/{size} {unit}": "6/5 LB, 4/1 GAL",
    "{count}x{size}{unit}": "24x330ml",
    "{count}-{size} {unit}": "2-5 LB",
    "{count} PK {size} {unit}": "12 PK 12 OZ",
    "CTN {count} {size}{unit}": "CTN 12 946ML",
    "{count} bags at {size} {unit} per bag": "6 bags at 5 lbs per bag",
    "{size} {unit} X {count}": "500 ML X 24",
    "{count} X (10 X {size}{unit})": "12 X (10 X 25G)",
}


@pytest.mark.parametrize("form", FORMS, ids=FORMS.values())
@given(count=whole, size=sizes, measure=measures)
def test_count_times_size_times_factor(form: str, count: int, size: Decimal, measure: tuple[str, str]) -> None:
    spelling, unit = measure
    if "-" in form or "/" in form:
        size += 2 * count  # else it may be a range, or a net weight and a drained one
    factor, base_unit = TO_BASE[unit]
    packs = count * (10 if "10" in form else 1)
    assume(packs * size * factor < 10**INTEGER_DIGITS)  # what is more can't be kept
    read = read_pack_size(form.format(count=count, size=size, unit=spelling))
    assert read.base_unit == base_unit
    assert read.count == packs
    assert Fraction(read.unit_size) == Fraction(size) * Fraction(factor)
    assert Fraction(read.base_quantity) == packs * Fraction(size) * Fraction(factor)


@given(whole, whole)
def test_counts_are_counted(count: int, size: int) -> None:
    assume(not 13 <= count < size <= count * Decimal("1.35"))  # as the grades of shrimp
    assert read_pack_size(f"{count}/{size} CT").base_quantity == count * size
    assert read_pack_size(f"CASE {count} CT").base_quantity == count
    assert read_pack_size(f"{count} DZ").base_quantity == 12 * count
    assert read_pack_size(f"{count}/#10").base_quantity == count
    assert read_pack_size(f"{count} x 1/2 DZ").base_quantity == 6 * count


@given(whole, st.integers(min_value=1, max_value=99), measures)
def test_a_decimal_comma(whole_part: int, hundredths: int, measure: tuple[str, str]) -> None:
    spelling, unit = measure
    read = read_pack_size(f"{whole_part},{hundredths:02} {spelling}")
    assert Fraction(read.base_quantity) == Fraction(100 * whole_part + hundredths, 100) * Fraction(TO_BASE[unit][0])


@given(whole, st.sampled_from(["1/2", "1/4", "3/4", "1/8", "5/8"]), measures)
def test_a_fraction_is_one_where_nothing_else_can_be_meant(count: int, part: str, measure: tuple[str, str]) -> None:
    spelling, unit = measure
    factor = Fraction(TO_BASE[unit][0])
    assert Fraction(read_pack_size(f"{count} x {part} {spelling}").base_quantity) == count * Fraction(part) * factor
    assert Fraction(read_pack_size(f"1 {part} {spelling}").base_quantity) == (1 + Fraction(part)) * factor
    above, below = part.split("/")
    error = refused(f"{part} {spelling}")
    assert isinstance(error, AmbiguousPackSize)
    assert error.readings == (f"{above} x {below} {unit}", f"{part} of 1 {unit}")


# ---- whatever the text is --------------------------------------------------------------------------------------------------


pieces = [
    "6",
    "5",
    "1/2",
    "/",
    "x",
    "-",
    " ",
    "LB",
    "oz",
    "fl",
    "#",
    "#10",
    "(",
    ")",
    ",",
    ".",
    "CT",
    "bags",
    "per",
    "case",
    "Each",
]
pieces += [
    "Ctn",
    "of",
    "at",
    "one",
    "1,500",
    '"',
    "?",
    "g",
    "G",
    "GR",
    "BBL",
    "HALF",
    "CUPS",
    "½",
    "é",
    "net",
    "gross",
    "XX",
    "doz",
    "\ud800",
    "\0",
    "NET",
    "WT",
    "aB",
    "*NEW*",
    "²",
    "1e9",
    "9" * 15,
]


@given(st.text(st.characters(), max_size=60) | st.lists(st.sampled_from(pieces), max_size=14).map("".join))
@example("case 1.5 6#")
@example("\ud800 5 LB")
def test_any_text_is_read_or_refused(text: str) -> None:
    find_sizes(text)
    try:
        size = read_pack_size(text)
    except (UnreadablePackSize, AmbiguousPackSize):
        assert refused(text).text == text
        return
    assert Fraction(size.base_quantity) == Fraction(size.count) * Fraction(size.unit_size) > 0
    assert Fraction(size.count).denominator == 1


@pytest.mark.parametrize(("text", "kind"), [(None, "NoneType"), (24, "int"), (b"6/5 LB", "bytes"), ([], "list")])
def test_what_is_no_text_is_refused_as_one(text: Any, kind: str) -> None:
    error = refused(text)
    assert isinstance(error, UnreadablePackSize)
    assert (error.text, error.reason) == (f"<{kind}>", f"a pack size is a text, not {kind}")


def test_the_longest_text_that_is_read() -> None:
    assert read_pack_size("6/5 LB".ljust(LONGEST_PACK_SIZE)).key == "6/5LB"
    assert "201 characters" in str(refused("6/5 LB".ljust(LONGEST_PACK_SIZE + 1)))


def steps(call: Callable[[], object]) -> int:
    """Calls of functions, of Python's own too: what a time would say if the machine were quiet."""
    count = 0

    def step(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    call()  # what is remembered is remembered
    gc.disable()  # others' callbacks at a collection would be counted
    sys.setprofile(step)
    try:
        call()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


CHARACTERS = [*map(chr, range(32, 127)), *"½⅓⅞１９\u00a0\u200bé²×⁄–—′″٣一\ud800\0\t\n"]
REPEATED = ["1/", "6x", "1.", ",1", "#1", " OZ", "1 ", "1 OZ ", "1 LB ", "1 LB / ", "1/2 ", "1 1/2 ", "1½", "1-", "1)", "1 x ("]
REPEATED += ["6/#10 ", "1 CT ", "1 CT (", "1/CS ", "1 bag ", "1 bag x ", "1 x 1 CS ", "6 cans at ", "CASE OF ", "1 per case "]
REPEATED += ["one-", "1 one-ounce ", "8 LB 12 OZ ", "500 ML X 24 ", "1 MINI SAUSAGES PER CASE ", "LB", "1,000", "1e9", '1 "']
REPEATED += ["HALF ", "HALF GAL ", "1 HALF ", "1/6 BBL ", "CS/", "10 BX/", "1G ", "1 GR ", "G.W. ", "1.000 ", "1-1/2 "]
REPEATED += ["NET ", "WT ", "1 net wt ", "16 oz wt ", "FL OZ ", "16 OZ ( 1 LB ) ", "5 G, ", "aB", "aBc", "*A*", "3in1 "]


@pytest.mark.parametrize("piece", CHARACTERS + REPEATED)
def test_twice_the_text_takes_twice_the_steps(piece: str) -> None:
    once, twice = (piece * (size // len(piece)) for size in (1_000, 2_000))
    assert steps(lambda: meaning(scan(twice))) <= 2.1 * steps(lambda: meaning(scan(once))) + 100


@pytest.mark.parametrize("piece", CHARACTERS + REPEATED)
def test_a_huge_text_costs_nothing(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert steps(lambda: refused(text)) < 100
    assert steps(lambda: find_sizes(text)) <= steps(lambda: find_sizes(text[:2_000]))
    assert len(str(refused(text))) < 600


@pytest.mark.parametrize(
    ("description", "sizes_in_words"),
    [
        ("OLIVE OIL EXTRA VIRGIN 5L", ["5 l"]),
        ("FLOUR AP 50#", ["50 lb"]),
        ("CUP 12 OZ", ["12 oz (weight, as it doesn't say fluid)"]),
        ("PEANUT BUTTER 16 OZ NET WT", ["16 oz (weight)"]),
        ("JUICE LEMON GAL    4/1GAL", ["4 x 1 gal"]),
        ("COCA COLA #2 500 ML 24|16 FL OZ", ["500 ml", "24 x 16 fl oz"]),
        ("NESCAFE 3in1 Creamy White 15(12x18g)", ["15 x 12 x 18 g"]),
        ("SHRIMP 16/20 EZ PEEL", []),
        ("WHITE HANGING HEART T-LIGHT HOLDER", []),
        ("1/2 LB CHEESE", []),
        ("", []),
    ],
)
def test_sizes_in_a_description(description: str, sizes_in_words: list[str]) -> None:
    assert [size.understood for size in find_sizes(description)] == sizes_in_words


def test_real_pack_sizes() -> None:
    if not EXPECTED.exists():
        pytest.skip("the collection of real pack sizes is not part of the repository, and not beside it here")
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [(row["text"], found) for row in rows if (found := _found(row["text"])) != _expected(row)]
    assert len(rows) > 200
    assert wrong == []


def _expected(row: dict[str, str]) -> tuple[Decimal, str] | None:
    return None if row["status"] == "empty" else (Decimal(row["base_quantity"]), row["base_unit"])


def _found(text: str) -> tuple[Decimal, str] | None:
    try:
        size = read_pack_size(text)
    except (UnreadablePackSize, AmbiguousPackSize):
        return None
    return size.base_quantity, size.base_unit


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("16/20 CT", ("16 x 20 ct", "16 to 20 ct")),
        ("18/20#", ("18 x 20 lb", "18 to 20 lb")),
        ("6/10 CAN", ("6 cans of size #10", "6 x 10 cans")),
    ],
)
def test_a_grade_and_a_can_size_may_be_meant(text: str, readings: tuple[str, ...]) -> None:
    with pytest.raises(AmbiguousPackSize) as doubted:
        read_pack_size(text)
    assert doubted.value.readings == readings


@pytest.mark.parametrize(
    ("text", "understood"),
    [(",75 L", "0.75 l"), ("12/18 CT", "12 x 18 each"), ("20/25 EACH", "20 x 25 each"), ("4/5 LB", "4 x 5 lb")],
)
def test_what_is_near_to_them_is_read(text: str, understood: str) -> None:
    assert read_pack_size(text).understood == understood
