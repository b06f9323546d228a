"""One line of a document: read, or failed with the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from invoicedb.domain.amounts import (
    CONTROL,
    TEXT_LENGTH,
    Measure,
    Sheet,
    abs_of,
    negated,
    read_amount,
    read_pack_text,
    read_price,
    read_quantity,
    read_text,
    read_total,
    read_weighed,
)
from invoicedb.domain.keys import item_key, item_number, plain_text, shown_text, unread_pack_key
from invoicedb.domain.money import line_money, minor_unit
from invoicedb.domain.numbers import plain, read_number
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.errors import (
    AmbiguousPackSize,
    ErrorType,
    InvalidKind,
    LineError,
    LineNotAnObject,
    MissingDescription,
    TotalDiffers,
    UnreadablePackSize,
)
from invoicedb.models import ITEM, KINDS_OF_ITEMS, OBJECT, PRICE_CORRECTION, FailedLine, Line

DESCRIPTION_LENGTH = 2_000
LINE_FIELDS = (
    "item_number",
    "description",
    "quantity",
    "unit_price",
    "pack_size",
    "category",
    "line_total",
    "line_number",
    "kind",
    "weight",
    "weight_unit",
    "corrected_price",
)
KINDS = (ITEM, "deposit", "freight", "charge", "discount", "tax")
CREDIT_KINDS = (*KINDS, "price_correction", "rebate")


def read_line(line_number: int, raw: object, sheet: Sheet) -> Line | FailedLine:
    """The line, or a `FailedLine` that says why it can't be read. Never raises for what a document can hold."""
    try:
        return good_line(line_number, raw, sheet)
    except LineError as error:
        return failed_line(line_number, raw, error)


def failed_line(line_number: int, raw: object, error: LineError) -> FailedLine:
    fields = raw if isinstance(raw, OBJECT) else {}
    number, description, pack_size = (shortened_text(fields.get(name)) for name in ("item_number", "description", "pack_size"))
    kind = fields.get("kind")
    known = kind if isinstance(kind, str) and kind in CREDIT_KINDS else ITEM
    texts = (number, description or "", pack_size)
    return FailedLine(line_number, *texts, error.error_type, str(error), as_sent(raw), known)


def shortened_text(value: object) -> str | None:
    """What a person knows a failed line by; None where it is no text."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = value if isinstance(value, str) else repr_of(value)
    return " ".join(CONTROL.sub(" ", shown_text(text)).split())[:TEXT_LENGTH] or None


def good_line(line_number: int, raw: object, sheet: Sheet) -> Line:
    if not isinstance(raw, OBJECT):
        raise LineNotAnObject(found="null" if raw is None else f"a {type(raw).__name__}")
    kind = read_kind(raw.get("kind"), sheet)
    return (item_line if kind in KINDS_OF_ITEMS else charge_line)(line_number, kind, raw, sheet)


def read_kind(value: object, sheet: Sheet) -> str:
    kinds = CREDIT_KINDS if sheet.is_credit_memo else KINDS
    if value is None or value == "":
        return ITEM
    if isinstance(value, str) and value.strip().lower() in kinds:
        return value.strip().lower()
    raise InvalidKind(
        text=repr_of(value) if isinstance(value, int | float | Decimal) else str(value)[:TEXT_LENGTH], kinds=kinds
    )


def item_line(line_number: int, kind: str, raw: Mapping[str, Any], sheet: Sheet) -> Line:
    number_text = read_text(raw, "item_number", TEXT_LENGTH)
    number = None if number_text is None else item_number(number_text)
    description = read_text(raw, "description", DESCRIPTION_LENGTH) or ""
    reading = plain_text(description)
    if number is None and not reading:
        raise MissingDescription
    sheet.require_its_way(raw)
    weighed = raw.get("weight") is not None
    measure = read_weighed(raw) if weighed else Measure(read_quantity(raw.get("quantity")), read_pack_text(raw))
    quantity = negated(abs_of(measure.quantity)) if sheet.is_credit_memo else measure.quantity
    unit_price = read_price(raw.get("unit_price"), "unit_price", sheet)
    corrected = raw.get("corrected_price") if kind == PRICE_CORRECTION else None
    return Line(
        line_number=line_number,
        item_number=number,
        description=description,
        pack_size=measure.pack_size,
        category=read_text(raw, "category", TEXT_LENGTH),
        quantity=quantity,
        unit_price=unit_price,
        line_total=read_total(raw.get("line_total"), quantity, unit_price, sheet),
        item_key=item_key(number, reading),
        pack_key=pack_key(measure.pack_size),
        reading=reading,
        kind=kind,
        corrected_price=None if corrected is None else read_price(corrected, "corrected_price", sheet),
        ordered_quantity=measure.ordered_quantity,
        ordered_pack_size=measure.ordered_pack_size,
        sent=partial(as_sent, raw),
    )


def charge_line(line_number: int, kind: str, raw: Mapping[str, Any], sheet: Sheet) -> Line:
    """Money that is for no goods: of a quantity, 1 where there is none.

    Discounts and rebates are what they are, whichever sign they have: off the invoice, off what a memo credits, credited.
    """
    given_total, given_price, given_quantity = (raw.get(name) for name in ("line_total", "unit_price", "quantity"))
    quantity = Decimal(1) if given_quantity is None else read_quantity(given_quantity)
    if given_total is None or given_price is not None:
        price = read_number(given_price, field="unit_price", error_type=ErrorType.INVALID_PRICE)
    else:
        quantity, price = Decimal(1), read_amount(given_total, sheet)
    amount = line_money(quantity, price, sheet.currency) if given_total is None else read_amount(given_total, sheet)
    signed = sheet.credited(amount)
    if kind in ("discount", "rebate"):
        is_off_a_memo = kind == "discount" and sheet.is_credit_memo
        signed = abs_of(amount) if is_off_a_memo else negated(abs_of(amount))
    return Line(
        line_number=line_number,
        item_number=read_text(raw, "item_number", TEXT_LENGTH),
        description=read_text(raw, "description", DESCRIPTION_LENGTH) or kind.replace("_", " ").capitalize(),
        pack_size=None,
        category=read_text(raw, "category", TEXT_LENGTH),
        quantity=quantity,
        unit_price=price,
        line_total=signed,
        item_key="",
        pack_key="",
        reading="",
        kind=kind,
        sent=partial(as_sent, raw),
    )


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
    """Where the given total of goods is more than one minor unit away from quantity times unit price."""
    if not line.is_of_item:
        return None
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
    if isinstance(value, OBJECT):
        return {str(key): plain_json(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain_json(each) for each in value]
    return str(value)


def repr_of(value: Decimal | int | float) -> str:
    """The shortest text of a number: 5 and 5.0 are one."""
    return str(value).removesuffix(".0")[:TEXT_LENGTH]
