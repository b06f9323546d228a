"""Values as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from invoicedb.cli.as_json import json_text
from invoicedb.cli.text import clean, money, number, percent, words


@pytest.mark.parametrize(
    ("value", "shown"),
    [("30.0000000000", "30.00"), ("4.1250", "4.125"), ("0E-10", "0.00"), ("1200", "1200.00"), ("1E+3", "1000.00"), (None, "-")],
)
def test_money_has_two_decimals_or_as_many_as_it_needs(value: str | None, shown: str) -> None:
    assert money(None if value is None else Decimal(value), "") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("34019.427750", "34019.42775"), ("54.0", "54"), ("100", "100"), ("-0.0", "0"), ("1E-10", "0.0000000001")],
)
def test_a_quantity_is_trimmed(value: str, shown: str) -> None:
    assert number(Decimal(value), "") == shown


def test_thousands_are_for_terminals() -> None:
    assert number(Decimal("34019.42775"), ",") == "34,019.42775"
    assert money(Decimal("1234.5"), ",") == "1,234.50"


@pytest.mark.parametrize(("value", "shown"), [("6.2500", "+6.25%"), ("-5.5556", "-5.5556%"), ("0.0000", "0%")])
def test_a_change_has_its_sign(value: str, shown: str) -> None:
    assert percent(Decimal(value), "") == shown


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800", "\n", "\t"]
)
def test_no_character_steers_the_terminal(character: str) -> None:
    assert clean(f"a{character} b") == "a b"


def test_what_people_write_is_kept() -> None:
    assert words("CRÈME 食品 👩‍🍳 [x]", "") == "CRÈME 食品 👩‍🍳 [x]"


@pytest.mark.parametrize("value", ["30.0000000000", "0.1234567891", "34019.42775", "99999999999999999999.0000000001", "0E-10"])
def test_json_holds_the_exact_number(value: str) -> None:
    found: Any = json_text({"x": Decimal(value)})
    assert Decimal(found.removeprefix('{"x": "').removesuffix('"}')) == Decimal(value)
