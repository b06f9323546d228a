"""One line of a document: read, or failed with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from invoicedb.domain.keys import item_key, item_number, plain_text, shown_text, unread_pack_key
from invoicedb.domain.money import line_money, minor_unit
from invoicedb.domain.numbers import plain, read_number
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import (
    AmbiguousPackSize,
    ErrorType,
    InvalidNumber,
    InvalidText,
    LineError,
    LineNotAnObject,
    MissingDescription,
    TotalDiffers,
    UnreadablePackSize,
)
from invoicedb.models import FailedLine, Line

DESCRIPTION_LENGTH = 2_000
TEXT_LENGTH = 255
LINE_FIELDS = (
    "item_number",
    "description",
    "quantity",
    "unit_price",
    "pack_size",
    "category",
    "line_total",
    "line_number",
)

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9}")


def read_line(line_number: int, raw: object, currency: str | None) -> Line | FailedLine:
    """The line, or a `FailedLine` that says why it can't be read. Never raises for what a document can hold."""
    try:
        return good_line(line_number, raw, currency)
    except LineError as error:
        return failed_line(line_number, raw, error)


def failed_line(line_number: int, raw: object, error: LineError) -> FailedLine:
    fields = raw if isinstance(raw, Mapping) else {}
    number, description, pack_size = (shortened_text(fields.get(name)) for name in ("item_number", "description", "pack_size"))
    return FailedLine(line_number, number, description or "", pack_size, error.error_type, str(error), as_sent(raw))


def shortened_text(value: object) -> str | None:
    """What a person knows a failed line by; None where it is no text."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = value if isinstance(value, str) else repr_of(value)
    return " ".join(CONTROL.sub(" ", shown_text(text)).split())[:TEXT_LENGTH] or None


def good_line(line_number: int, raw: object, currency: str | None) -> Line:
    if not isinstance(raw, Mapping):
        raise LineNotAnObject(found="null" if raw is None else f"a {type(raw).__name__}")
    number_text = read_text(raw, "item_number", TEXT_LENGTH)
    number = None if number_text is None else item_number(number_text)
    description = read_text(raw, "description", DESCRIPTION_LENGTH) or ""
    reading = plain_text(description)
    if number is None and not reading:
        raise MissingDescription
    pack_size = read_text(raw, "pack_size", TEXT_LENGTH)
    quantity = read_quantity(raw.get("quantity"))
    unit_price = read_money(raw.get("unit_price"), "unit_price", ErrorType.INVALID_PRICE)
    given_total = raw.get("line_total")
    return Line(
        line_number=line_number,
        item_number=number,
        description=description,
        pack_size=pack_size,
        category=read_text(raw, "category", TEXT_LENGTH),
        quantity=quantity,
        unit_price=unit_price,
        line_total=line_money(quantity, unit_price, currency) if given_total is None else read_total(given_total, currency),
        item_key=item_key(number, reading),
        pack_key=pack_key(pack_size),
        reading=reading,
    )


def read_text(raw: Mapping[str, Any], field: str, limit: int) -> str | None:
    """The text, blanks and control characters as one space each; None where it is missing or blank.

    A whole number is a text too.
    """
    value = raw.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidText(field=field, reason=f"is a {type(value).__name__}: give a text")
    text = shown_text(str(value))
    if MARKS.search(text):
        raise InvalidText(field=field, reason="has more than eight accents on one letter: this is no text")
    if len(text) > limit:
        raise InvalidText(field=field, reason=f"has {len(text)} characters, at most {limit} are taken")
    printable = text if text.isprintable() else CONTROL.sub(" ", text)
    return " ".join(printable.split()) or None


def read_quantity(value: object) -> Decimal:
    quantity = read_number(value, field="quantity", error_type=ErrorType.INVALID_QUANTITY)
    if quantity == 0:
        raise InvalidNumber(field="quantity", text=plain(quantity), reason="moves nothing", error_type=ErrorType.ZERO_QUANTITY)
    if quantity < 0:
        reason = "is below zero: goods that came back can't be booked yet"
        raise InvalidNumber(field="quantity", text=plain(quantity), reason=reason, error_type=ErrorType.NEGATIVE_QUANTITY)
    return quantity


def read_money(value: object, field: str, error_type: ErrorType) -> Decimal:
    money = read_number(value, field=field, error_type=error_type)
    if money < 0:
        kind = ErrorType.NEGATIVE_PRICE if field == "unit_price" else error_type
        reason = "is below zero: credits can't be booked yet"
        raise InvalidNumber(field=field, text=plain(money), reason=reason, error_type=kind)
    return money


def read_total(value: object, currency: str | None) -> Decimal:
    """The line's given money. Money of a named currency has no more decimals than its minor unit."""
    total = read_money(value, "line_total", ErrorType.INVALID_TOTAL)
    decimals = minor_unit(currency)
    if currency is not None and total != round(total, decimals):
        reason = f"has more decimals than {currency} has ({decimals})"
        raise InvalidNumber(field="line_total", text=plain(total), reason=reason, error_type=ErrorType.INVALID_TOTAL)
    return total


@lru_cache(maxsize=8_192)
def pack_key(pack_size: str | None) -> str:
    """The parsed form; empty without a pack size. One that can't be read has a key too: a mapping made by hand may know it."""
    if pack_size is None:
        return ""
    try:
        return read_pack_size(pack_size).key
    except (UnreadablePackSize, AmbiguousPackSize):
        return unread_pack_key(pack_size)


def total_warning(line: Line, currency: str | None) -> TotalDiffers | None:
    """Where the given total is more than one minor unit away from quantity times unit price."""
    computed = line_money(line.quantity, line.unit_price, currency)
    if abs(line.line_total - computed) <= Decimal(1).scaleb(-minor_unit(currency)):
        return None
    return TotalDiffers(line_number=line.line_number, given=line.line_total, computed=computed)


def as_sent(raw: object) -> str:
    """The line as JSON text that any database can keep: numbers as text, keys in order."""
    return json.dumps(plain_json(raw), sort_keys=True)


def plain_json(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal | int | float):
        short = isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 40
        return plain(value) if isinstance(value, Decimal) and short else repr_of(value)
    if isinstance(value, Mapping):
        return {str(key): plain_json(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain_json(each) for each in value]
    return str(value)


def repr_of(value: Decimal | int | float) -> str:
    """The shortest text of a number: 5 and 5.0 are one."""
    return str(value).removesuffix(".0")[:TEXT_LENGTH]
