"""Exact numbers: what is accepted as a quantity, price or total, and how a Decimal is written.

Nothing here depends on the caller's decimal context: all arithmetic of `domain/` goes through `EXACT`.
"""

from __future__ import annotations

import re
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

from invoicedb.errors import ErrorType, InvalidNumber

INTEGER_DIGITS = 15
FRACTION_DIGITS = 9

EXACT = Context(
    prec=400,  # four factors of 24 digits, a conversion factor, and ample room: what is read here never reaches it
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow],
)
"""Arithmetic that is exact or raises decimal.Inexact.

Stated in full: what a Context isn't told it takes from a default that anybody can change.
"""

_SMALLEST = Decimal(1).scaleb(-FRACTION_DIGITS, EXACT)
_FLOAT_DIGITS = 15
_LONGEST_TEXT = 60
_WIDEST = 1_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,8}[1-9])?")
"""Nearly every number that is text: plain and within the limits as it stands."""
_CURE = "write digits and a decimal point, such as 1234.5"


def read_number(value: object, *, field: str, error_type: ErrorType) -> Decimal:
    """`value` as a plain Decimal: 5, "5.00" and Decimal("5E0") give the same value with the same digits.

    Takes int, Decimal, float (by its shortest decimal text, at most 15 significant digits) and str (ASCII digits, an optional
    sign and decimal point, blanks around). At most 15 integer and 9 fraction digits. The sign is the caller's to judge.
    Write it with `plain`: Python's own str() of a number below 0.000001 has an exponent.
    Raises InvalidNumber with `field` and `error_type` for all else; commas and currency signs in a text are never guessed at.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    number, reason = _decimal(value)
    if number is not None:
        number, reason = _within_limits(number)
    if number is None:
        raise InvalidNumber(field=field, text=_shown(value), reason=reason, error_type=error_type)
    return number


def plain(value: Decimal) -> str:
    """The one decimal text of a finite `value`: no exponent, no trailing zeros, no negative zero: 5.00 and 5E0 are "5".

    Raises ValueError for NaN, infinities and numbers of more than 1,000 digits.
    """
    if not value.is_finite() or (value and not -_WIDEST < value.adjusted() < _WIDEST):
        raise ValueError("only a finite number of a sensible size has a plain text")
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(value: object) -> tuple[Decimal | None, str]:
    # bool first: it is an int in Python, and `true` in a quantity is a mistake, not 1.
    if isinstance(value, bool):
        return None, f"is a yes or no, no number: {_CURE}"
    if isinstance(value, Decimal):
        return value, ""
    if isinstance(value, int):
        return _from_int(value)
    if isinstance(value, float):
        return _from_float(value)
    if isinstance(value, str):
        return _from_text(value)
    return None, "is missing" if value is None else f"is no number: {_CURE}"


def _from_int(value: int) -> tuple[Decimal | None, str]:
    # Compared before it is written out: Python refuses the text of a huge int with an error of its own.
    if abs(value) >= 10**INTEGER_DIGITS:
        return None, _too_large()
    return Decimal(int(value)), ""


def _from_float(value: float) -> tuple[Decimal | None, str]:
    number = Decimal(float.__repr__(value))
    if number.is_finite() and len(number.as_tuple().digits) > _FLOAT_DIGITS:
        return None, "is a float that is no exact decimal: send it as text or as a Decimal"
    return number, ""


def _from_text(value: str) -> tuple[Decimal | None, str]:
    text = value.strip()
    if _NUMBER.fullmatch(text) is None:
        return None, _why_unreadable(text)
    if len(text) > _LONGEST_TEXT:
        return None, f"is longer than {_LONGEST_TEXT} characters: {_CURE}"
    return Decimal(text), ""


def _why_unreadable(text: str) -> str:
    if not text:
        return "is empty"
    if "," in text:
        return f"has a comma, which may stand for thousands or decimals: {_CURE}"
    if any(character.isdigit() and not character.isascii() for character in text[:_LONGEST_TEXT]):
        return f"has digits that are not 0 to 9: {_CURE}"
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text[:_LONGEST_TEXT]):
        return "has an exponent, which is not taken in a text: write the number out"
    return f"is no number: {_CURE}, without signs, units or separators"


def _within_limits(number: Decimal) -> tuple[Decimal | None, str]:
    if not number.is_finite() or not number:
        return (Decimal(0), "") if number.is_finite() else (None, "is not finite")
    # Before anything is written out: 1e1000000 is one digit here, and a million characters as text.
    if number.adjusted() >= INTEGER_DIGITS:
        return None, _too_large()
    if number.adjusted() < -FRACTION_DIGITS:
        return None, _too_fine()
    try:
        return Decimal(plain(EXACT.quantize(number, _SMALLEST))), ""
    except Inexact:
        return None, _too_fine()


def _too_large() -> str:
    return f"has more than {INTEGER_DIGITS} digits before the decimal point"


def _too_fine() -> str:
    return f"has more than {FRACTION_DIGITS} digits after the decimal point"


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_TEXT:
        return "a very long integer"
    if isinstance(value, Decimal):
        return str(value) if len(str(value)) <= _LONGEST_TEXT else "a very long number"
    if isinstance(value, int | float | str):
        text = str(value)
        return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
    return type(value).__name__
