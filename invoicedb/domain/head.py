"""The head of a document: vendor, number, date, currency, and of a credit memo what it corrects. It is sound, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from invoicedb.domain.keys import item_number, plain_text, shown_text
from invoicedb.domain.money import known_currency
from invoicedb.errors import InvalidInvoice
from invoicedb.models import Policy

NAME_LENGTH = 255
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
DOCUMENT_TYPES = ("invoice", "credit_memo")
RESERVED = ("invoice:", "credit_memo:")
"""How no invoice's number key begins unless it says itself that it is an invoice's."""
HEAD_FIELDS = (
    "vendor_name",
    "invoice_number",
    "invoice_date",
    "currency",
    "document_type",
    "corrects",
    "corrects_id",
    "charges",
    "allowances",
    "tax",
    "total",
)

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Head:
    vendor_name: str
    invoice_number: str | None
    number_key: str | None
    invoice_date: date
    currency: str | None
    document_type: str
    corrects: str | None
    corrects_id: UUID | None


def read_head(raw: Mapping[str, Any], *, policy: Policy) -> Head:
    invoice_date = read_date(raw.get("invoice_date"))
    number = read_invoice_number(raw.get("invoice_number"))
    given = raw.get("currency")
    currency = policy.currency if given is None or not str(given).strip() else given
    document_type = read_document_type(raw.get("document_type"))
    own_id = raw.get("corrects_id")
    corrects = read_invoice_number(raw.get("corrects"), field="invoice.corrects")
    if document_type == "invoice" and (corrects is not None or own_id is not None):
        raise InvalidInvoice(field="invoice.corrects", reason="an invoice corrects none: say document_type credit_memo")
    return Head(
        vendor_name=read_vendor_name(raw.get("vendor_name")),
        invoice_number=number,
        number_key=number_key(number, invoice_date, document_type, policy),
        invoice_date=invoice_date,
        currency=None if currency is None else known_currency(str(currency)),
        document_type=document_type,
        corrects=corrects,
        corrects_id=None if own_id is None else read_id(own_id, field="invoice.corrects_id"),
    )


def number_key(number: str | None, invoice_date: date, document_type: str, policy: Policy) -> str | None:
    """What may be there once per vendor. Invoices and credit memos are numbered apart."""
    if number is None:
        return None
    key = f"{invoice_date.year}:{number}" if policy.numbers_restart_yearly else number
    is_apart = document_type == "invoice" and not key.startswith(RESERVED)
    return key if is_apart else f"{document_type}:{key}"


def read_document_type(value: object) -> str:
    if value is None or value == "":
        return "invoice"
    named = str(value).strip().lower()
    if named not in DOCUMENT_TYPES:
        raise InvalidInvoice(field="invoice.document_type", reason=f"{value!r} is none of {', '.join(DOCUMENT_TYPES)}")
    return named


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


def read_invoice_number(value: object, *, field: str = "invoice.invoice_number") -> str | None:
    """The number without blanks around, zeros kept; None where there is none: then nothing guards against a second booking."""
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


def is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
