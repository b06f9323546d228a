"""A document becomes an `Invoice`: its head is sound or it is refused, each of its lines can be read or fails alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from invoicedb.domain.keys import item_number, plain_text, shown_text, vendor_key
from invoicedb.domain.lines import LINE_FIELDS, read_line, total_warning
from invoicedb.domain.money import known_currency
from invoicedb.errors import FarDate, InvalidInvoice, InvoiceWarning, NoInvoiceNumber, PlaceholderNumber, UnknownField
from invoicedb.models import FailedLine, Invoice, Line, Policy

DOCUMENT_BYTES = 16 * 1024 * 1024
DOCUMENT_DEPTH = 32
DOCUMENT_LINES = 100_000
NAME_LENGTH = 255
LAST_LINE_NUMBER = 2**31 - 1
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
FAR_AHEAD = timedelta(days=31)

INVOICE_IDS = UUID("6d6e1a8e-52f5-5d6c-9d0e-2f6a0a1f8f5b")
"""The namespace of derived invoice ids."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PLAIN_TYPES = frozenset({str, int, float, bool, Decimal, type(None), date})
HEAD_FIELDS = ("vendor_name", "invoice_number", "invoice_date", "currency")


@dataclass(frozen=True, slots=True)
class Head:
    vendor_name: str
    invoice_number: str | None
    number_key: str | None
    invoice_date: date
    currency: str | None


def read_invoice(user_id: object, data: object, invoice_id: object, *, policy: Policy, today: date) -> Invoice:
    """The invoice in `data`: `{"invoice": {…}, "line_items": [{…}, …]}`.

    Raises InvalidInvoice for a head that can't be booked, a document without lines, NUL characters, a malformed id.
    A line that can't be read is a `FailedLine` of the result. `today` is only compared with the date, for a warning.
    """
    user = read_id(user_id, field="user_id")
    own_id = None if invoice_id is None else read_id(invoice_id, field="invoice_id")
    document = read_object(data, field="")
    refuse_unstorable_text(document)
    raw_head = read_object(document.get("invoice"), field="invoice")
    head = read_head(raw_head, policy=policy)
    raw_lines = numbered(read_line_items(document.get("line_items")))
    lines = tuple(read_line(number, raw, head.currency) for number, raw in raw_lines)
    invoice = Invoice(
        user_id=user,
        invoice_id=own_id or user,
        has_own_id=own_id is not None,
        vendor_name=head.vendor_name,
        vendor_key=vendor_key(head.vendor_name),
        invoice_number=head.invoice_number,
        number_key=head.number_key,
        invoice_date=head.invoice_date,
        currency=head.currency,
        generation=0,
        content_hash=content_hash(head, lines),
        lines=lines,
        warnings=tuple(warnings_of(document, raw_lines, head, lines, today)),
    )
    return invoice if invoice.has_own_id else of_generation(invoice, 0)


def of_generation(invoice: Invoice, generation: int) -> Invoice:
    """The invoice under the id derived for it after `generation` voids: from its number, without one from its content."""
    what = invoice.content_hash if invoice.number_key is None else invoice.number_key
    derived = uuid5(INVOICE_IDS, json.dumps([str(invoice.user_id), invoice.vendor_key, what, generation]))
    return replace(invoice, invoice_id=derived, generation=generation)


def read_id(value: object, *, field: str) -> UUID:
    """A UUID, or one from its text in the usual form. The nil UUID is nobody's."""
    if isinstance(value, UUID):
        found = value
    else:
        try:
            found = UUID(value) if isinstance(value, str) else UUID(int=0)
        except ValueError:
            found = UUID(int=0)
    if found.int == 0:
        raise InvalidInvoice(field=field, reason=f"{value!r} is no UUID: give one such as 0192f0c1-2b3c-7d4e-8f50-617283940a1b")
    return found


def read_object(value: object, *, field: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    where = field or "an invoice document"
    raise InvalidInvoice(
        field=field, reason=f'{where} is an object, not {type(value).__name__}: {{"invoice": {{…}}, "line_items": [{{…}}, …]}}'
    )


def refuse_unstorable_text(document: Mapping[str, Any]) -> None:
    """NUL characters and lone surrogates are no text for the database; what nests without end, or is huge, is no invoice."""
    if nests_deeper(document, DOCUMENT_DEPTH):
        raise InvalidInvoice(field="", reason=f"the document nests deeper than {DOCUMENT_DEPTH} levels: an invoice has lines")
    try:
        text = json.dumps(document, ensure_ascii=False, default=jsonable)
        size = len(text.encode())
    except UnicodeEncodeError:
        raise InvalidInvoice(field=place_of(document, is_surrogate), reason="lone surrogate: this is no text") from None
    except (ValueError, TypeError) as error:
        raise InvalidInvoice(field="", reason=f"this can't be written as JSON: {error}") from None
    if size > DOCUMENT_BYTES:
        raise InvalidInvoice(field="", reason=f"the document has {size} bytes, at most {DOCUMENT_BYTES} are taken: split it")
    if "\\u0000" in text and (place := place_of(document, "\0".__eq__)):
        raise InvalidInvoice(field=place, reason="NUL character: this is no text")


def nests_deeper(value: object, levels: int) -> bool:
    """Level by level, not by recursion: what is too deep for us may be too deep for Python."""
    containers = [value]
    for _ in range(levels + 1):
        inside = {id(each): each for one in containers for each in parts_of(one) if type(each) not in PLAIN_TYPES}
        containers = [each for each in inside.values() if not isinstance(each, str | bytes)]
        if not containers:
            return False
    return True


def parts_of(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, Sequence) else ()


def jsonable(value: object) -> object:
    """What json does not know: other kinds of mapping and sequence as themselves, the rest by its text."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, bytes) else str(value)


def is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def place_of(document: object, wanted: Any, place: str = "") -> str:
    """Where in the document a text holds a wanted character; empty where none does."""
    if isinstance(document, str):
        return place if any(map(wanted, document)) else ""
    if isinstance(document, Mapping):
        parts = ((key, f"{place}.{key}".lstrip("."), value) for key, value in document.items())
        found = (place_of(str(key), wanted, at) or place_of(value, wanted, at) for key, at, value in parts)
        return next(filter(None, found), "")
    if isinstance(document, Sequence) and not isinstance(document, bytes):
        return next(filter(None, (place_of(value, wanted, f"{place}[{at}]") for at, value in enumerate(document))), "")
    return ""


def read_head(raw: Mapping[str, Any], *, policy: Policy) -> Head:
    invoice_date = read_date(raw.get("invoice_date"))
    number = read_invoice_number(raw.get("invoice_number"))
    given = raw.get("currency")
    currency = policy.currency if given is None or not str(given).strip() else given
    return Head(
        vendor_name=read_vendor_name(raw.get("vendor_name")),
        invoice_number=number,
        number_key=f"{invoice_date.year}:{number}" if number is not None and policy.numbers_restart_yearly else number,
        invoice_date=invoice_date,
        currency=None if currency is None else known_currency(str(currency)),
    )


def read_vendor_name(value: object) -> str:
    field = "invoice.vendor_name"
    if not isinstance(value, str) or not plain_text(value):
        raise InvalidInvoice(field=field, reason="missing: an invoice names its vendor")
    if CONTROL.search(value) or any(map(is_surrogate, value)):
        raise InvalidInvoice(field=field, reason=f"{value!r} holds control characters, or halves of characters")
    name = " ".join(shown_text(value).split())
    if len(name) > NAME_LENGTH:
        raise InvalidInvoice(field=field, reason=f"longer than {NAME_LENGTH} characters")
    return name


def read_invoice_number(value: object) -> str | None:
    """The number without blanks around, zeros kept; None where there is none: then nothing guards against a second booking."""
    field = "invoice.invoice_number"
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidInvoice(field=field, reason=f"{value!r} is no text")
    text = str(value)
    if CONTROL.search(text) or len(text) > NAME_LENGTH:
        raise InvalidInvoice(field=field, reason=f"longer than {NAME_LENGTH} characters, or control characters in it")
    return item_number(text)


def read_date(value: object) -> date:
    """A date, or its text as YYYY-MM-DD: any other form can be read in two ways."""
    field = "invoice.invoice_date"
    if value is None or value == "":
        raise InvalidInvoice(field=field, reason="missing: give the invoice's date as YYYY-MM-DD")
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and ISO_DATE.fullmatch(value) else value
    except ValueError:
        raise InvalidInvoice(field=field, reason=f"{value!r} is no day of the calendar") from None
    if not isinstance(found, date) or isinstance(found, datetime):
        raise InvalidInvoice(field=field, reason=f"{value!r} is no date: write it as YYYY-MM-DD, without a time")
    if not FIRST_DATE <= found <= LAST_DATE:
        raise InvalidInvoice(field=field, reason=f"{found} is not between {FIRST_DATE} and {LAST_DATE}")
    return found


def read_line_items(value: object) -> Sequence[Any]:
    field = "line_items"
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidInvoice(field=field, reason="missing or no list: an invoice has a list of lines")
    if not value:
        raise InvalidInvoice(field=field, reason="empty: an invoice has at least one line")
    if len(value) > DOCUMENT_LINES:
        raise InvalidInvoice(field=field, reason=f"{len(value)} lines, at most {DOCUMENT_LINES} are taken: split the document")
    return value


def numbered(raw_lines: Sequence[Any]) -> list[tuple[int, Any]]:
    """Each line with its own `line_number`, or its place from 1. Raises InvalidInvoice for two lines of one number."""
    found: dict[int, Any] = {}
    for place, raw in enumerate(raw_lines, 1):
        number = raw.get("line_number") if isinstance(raw, Mapping) else None
        number = place if number is None else number
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= LAST_LINE_NUMBER:
            raise InvalidInvoice(field=f"line_items[{place - 1}].line_number", reason=f"{number!r} is none: count from 1")
        if number in found:
            raise InvalidInvoice(field=f"line_items[{place - 1}].line_number", reason=f"{number} is on two lines")
        found[number] = raw
    return sorted(found.items())


def content_hash(head: Head, lines: Sequence[Line | FailedLine]) -> str:
    """SHA-256 over the normalised document: the order of keys, blanks, and 5 or 5.0 make no difference."""
    header = [vendor_key(head.vendor_name), head.invoice_number, head.invoice_date.isoformat(), head.currency]
    return sha256(json.dumps([header, *map(hashed_fields, lines)]).encode()).hexdigest()


def hashed_fields(line: Line | FailedLine) -> list[Any]:
    if isinstance(line, FailedLine):
        return [line.line_number, line.as_sent]
    texts = [line.line_number, line.item_number, line.description, line.pack_size, line.category]
    return [*texts, f"{line.quantity:f}", f"{line.unit_price:f}", f"{line.line_total:f}"]


def warnings_of(
    document: Mapping[str, Any],
    raw_lines: Sequence[tuple[int, Any]],
    head: Head,
    lines: Sequence[Line | FailedLine],
    today: date,
) -> Iterator[InvoiceWarning]:
    yield from unknown_fields(document, ("invoice", "line_items"), "")
    yield from unknown_fields(document["invoice"], HEAD_FIELDS, "invoice.")
    objects = [(number, raw) for number, raw in raw_lines if isinstance(raw, Mapping)]
    line_fields = dict.fromkeys(key for _, raw in objects for key in raw)
    yield from unknown_fields(line_fields, LINE_FIELDS, "line_items.")
    if head.invoice_number is None:
        yield NoInvoiceNumber()
    if head.invoice_date > today + FAR_AHEAD:
        yield FarDate(invoice_date=head.invoice_date)
    yield from placeholder_numbers(objects, lines)
    given = {number for number, raw in objects if raw.get("line_total") is not None}
    for line in lines if given else ():
        if isinstance(line, Line) and line.line_number in given and (warning := total_warning(line, head.currency)):
            yield warning


def placeholder_numbers(objects: Sequence[tuple[int, Any]], lines: Sequence[Line | FailedLine]) -> Iterator[InvoiceWarning]:
    unnumbered = {line.line_number for line in lines if isinstance(line, Line) and line.item_number is None}
    for line_number, raw in objects if unnumbered else ():
        text = str(raw.get("item_number") or "").strip()
        if line_number in unnumbered and text:
            yield PlaceholderNumber(line_number=line_number, text=text)


def unknown_fields(given: Mapping[str, Any], known: Sequence[str], place: str) -> Iterator[UnknownField]:
    for key in given:
        if key not in known:
            meant = get_close_matches(str(key), known, n=1)
            yield UnknownField(field=f"{place}{key}", meant=meant[0] if meant else None)
