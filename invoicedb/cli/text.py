"""Values as people read them: clean text, trimmed numbers, money with its cents."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that turn the direction of a line: a description must not steer the terminal."""

NOTHING = "-"


def printable(text: str) -> str:
    """`text` without a character that a terminal would obey, so on one line."""
    return UNPRINTABLE.sub(" ", text)


def clean(text: str) -> str:
    """The same, with one blank where there were several."""
    return " ".join(printable(text).split())


def said_by(made_by: str | None, reason: str | None) -> str:
    """What follows a sentence on what was done: " by Ann because of a miscount", as far as it is known."""
    return "".join(f" {word} {value}" for word, value in (("by", made_by), ("because of", reason)) if value)


def words(value: Any, separator: str) -> str:
    """A text, date or count. `separator`, of thousands, is for numbers."""
    return NOTHING if value is None or value == "" else clean(str(value))


def number(value: Decimal | None, separator: str) -> str:
    """A quantity, without the zeros at its end: 34019.42775."""
    if value is None:
        return NOTHING
    text = grouped(value, separator)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | None, separator: str) -> str:
    """An amount with two decimals, or as many more as it has: 30.00, 4.125."""
    if value is None:
        return NOTHING
    whole, _, decimals = number(value, separator).partition(".")
    return f"{whole}.{decimals:0<2}"


def percent(value: Decimal | None, separator: str) -> str:
    """A change: +6.25%."""
    if value is None:
        return NOTHING
    return f"{'+' if value > 0 else ''}{number(value, separator)}%"


def grouped(value: Decimal, separator: str) -> str:
    return f"{abs(value) if value == 0 else value:{separator}f}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """1 line, 2 lines."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"
