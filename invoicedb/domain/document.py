"""A document becomes an `Invoice`: its head is sound or it is refused, each of its lines can be read or fails alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from hashlib import sha256
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

from invoicedb.domain.amounts import Sheet
from invoicedb.domain.charges import CHARGE_FIELDS, check_total, document_charges, shares_of_some, with_shares
from invoicedb.domain.head import HEAD_FIELDS, Head, is_surrogate, read_head, read_id
from invoicedb.domain.keys import vendor_key
from invoicedb.domain.lines import LINE_FIELDS, read_line, total_warning
from invoicedb.errors import FarDate, InvalidInvoice, InvoiceWarning, NoInvoiceNumber, PlaceholderNumber, UnknownField
from invoicedb.models import OBJECT, FailedLine, Invoice, Line, Policy, sent_as, sent_besides

DOCUMENT_BYTES = 16 * 1024 * 1024
DOCUMENT_DEPTH = 32
DOCUMENT_LINES = 100_000
LAST_LINE_NUMBER = 2**31 - 1
FAR_AHEAD = timedelta(days=31)

INVOICE_IDS = UUID("6d6e1a8e-52f5-5d6c-9d0e-2f6a0a1f8f5b")
"""The namespace of derived invoice ids."""

PLAIN_TYPES = frozenset({str, int, float, bool, Decimal, type(None), date})


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
    raw_lines = with_charges(numbered(read_line_items(document.get("line_items"))), raw_head)
    sheet = Sheet.of([raw for _, raw in raw_lines], head.currency, document_type=head.document_type)
    lines = tuple(read_line(number, raw, sheet) for number, raw in raw_lines)
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
        lines=with_shares(lines, policy, head.currency),
        warnings=(
            *warnings_of(document, raw_lines, head, lines, today),
            *shares_of_some(lines, policy),
            *check_total(raw_head, lines, policy, sheet),
        ),
        document_type=head.document_type,
        corrects=head.corrects,
        corrects_id=head.corrects_id,
    )
    return invoice if invoice.has_own_id else of_generation(invoice, 0)


def of_generation(invoice: Invoice, generation: int) -> Invoice:
    """The invoice under the id derived for it after `generation` voids: from its number, without one from its content."""
    what = invoice.content_hash if invoice.number_key is None else invoice.number_key  # of a credit memo it says so itself
    derived = uuid5(INVOICE_IDS, json.dumps([str(invoice.user_id), invoice.vendor_key, what, generation]))
    return replace(invoice, invoice_id=derived, generation=generation)


def read_object(value: object, *, field: str) -> Mapping[str, Any]:
    if isinstance(value, OBJECT):
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
    if isinstance(value, OBJECT):
        return value.values()
    return value if isinstance(value, Sequence) else ()


def jsonable(value: object) -> object:
    """What json does not know: other kinds of mapping and sequence as themselves, the rest by its text."""
    if isinstance(value, OBJECT):
        return dict(value)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, bytes) else str(value)


def place_of(document: object, wanted: Any, place: str = "") -> str:
    """Where in the document a text holds a wanted character; empty where none does."""
    if isinstance(document, str):
        return place if any(map(wanted, document)) else ""
    if isinstance(document, OBJECT):
        parts = ((key, f"{place}.{key}".lstrip("."), value) for key, value in document.items())
        found = (place_of(str(key), wanted, at) or place_of(value, wanted, at) for key, at, value in parts)
        return next(filter(None, found), "")
    if isinstance(document, Sequence) and not isinstance(document, bytes):
        return next(filter(None, (place_of(value, wanted, f"{place}[{at}]") for at, value in enumerate(document))), "")
    return ""


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
        number = raw.get("line_number") if isinstance(raw, OBJECT) else None
        number = place if number is None else number
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= LAST_LINE_NUMBER:
            raise InvalidInvoice(field=f"line_items[{place - 1}].line_number", reason=f"{number!r} is none: count from 1")
        if number in found:
            raise InvalidInvoice(field=f"line_items[{place - 1}].line_number", reason=f"{number} is on two lines")
        found[number] = raw
    return sorted(found.items())


def with_charges(raw_lines: list[tuple[int, Any]], raw_head: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """The lines, and after them what the head charges, allows and taxes."""
    last, charges = raw_lines[-1][0], list(document_charges(raw_head))
    if last + len(charges) > LAST_LINE_NUMBER:
        raise InvalidInvoice(field="line_items", reason=f"no line numbers are left after {last} for charges and tax")
    return raw_lines + [(last + place, raw) for place, raw in enumerate(charges, 1)]


def content_hash(head: Head, lines: Sequence[Line | FailedLine]) -> str:
    """SHA-256 over the normalised document: the order of keys, blanks, and 5 or 5.0 make no difference."""
    header = [vendor_key(head.vendor_name), head.invoice_number, head.invoice_date.isoformat(), head.currency]
    if head.document_type != "invoice":
        header += [head.document_type, head.corrects, None if head.corrects_id is None else str(head.corrects_id)]
    return sha256(json.dumps([header, *map(hashed_fields, lines)]).encode()).hexdigest()


def hashed_fields(line: Line | FailedLine) -> list[Any]:
    if isinstance(line, FailedLine):
        return [line.line_number, line.as_sent]
    texts = [line.line_number, line.item_number, line.description, line.pack_size, line.category]
    besides = [[name, sent_as(value)] for name, value in sent_besides(line).items()]
    return [*texts, f"{line.quantity:f}", f"{line.unit_price:f}", f"{line.line_total:f}", *besides]


def warnings_of(
    document: Mapping[str, Any],
    raw_lines: Sequence[tuple[int, Any]],
    head: Head,
    lines: Sequence[Line | FailedLine],
    today: date,
) -> Iterator[InvoiceWarning]:
    yield from unknown_fields(document, ("invoice", "line_items"), "")
    yield from unknown_fields(document["invoice"], HEAD_FIELDS, "invoice.")
    for name in ("charges", "allowances"):
        charges = document["invoice"].get(name) or ()
        yield from unknown_fields(dict.fromkeys(chain.from_iterable(charges)), CHARGE_FIELDS, f"invoice.{name}.")
    objects = [(number, raw) for number, raw in raw_lines if isinstance(raw, OBJECT)]
    line_fields = dict.fromkeys(chain.from_iterable(raw for _, raw in objects))
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
