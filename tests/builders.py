"""Invoices for tests: plain documents with every field filled, and random sequences of them."""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from hypothesis import strategies as st

Document: TypeAlias = dict[str, Any]

Sending: TypeAlias = tuple[Document, UUID | None]
"""An invoice as somebody sends it: the document, and an id where the sender has one of its own."""

NUMBERS = count(1)


def line(item_number: str | None = "10-22", **fields: Any) -> dict[str, Any]:
    """A good line: 2 packs of 6/5 LB at 30.00. Lines of other numbers are of other goods, unless they are described alike."""
    default = {
        "item_number": item_number,
        "description": f"ARTICLE {item_number}",
        "quantity": "2",
        "unit_price": "30.00",
        "pack_size": "6/5 LB",
    }
    return default | fields


def invoice(*lines: Any, **fields: Any) -> Document:
    """A document of these lines, or of one; each has a number of its own unless one is given."""
    head = {"vendor_name": "Sysco", "invoice_number": f"INV-{next(NUMBERS)}", "invoice_date": "2026-03-02"}
    return {"invoice": head | fields, "line_items": list(lines) or [line()]}


# ---- random ones: few values of each kind, so that they meet ---------------------------------------------------------------

VENDORS = ("Sysco", "SYSCO, Inc.", "US Foods", "Metro Cash & Carry")
DATES = ("2025-12-31", "2026-01-15", "2026-01-16", "2026-02-01", "2026-03-02")
ITEM_NUMBERS = ("10-22", "10-23", "7", "7", "B4", None, "", "N/A")
DESCRIPTIONS = (
    "GROUND BEEF 80/20",
    "BEEF GROUND 80/20 FRESH",
    "ground beef  80/20",
    "GROUND BEEF 73/27",
    "TOMATO DICED IN JUICE",
    "TOMATOES DICED JUICE",
    "TOMATO CRUSHED",
    "OLIVE OIL EXTRA VIRGIN",
    "OIL OLIVE XVIRGIN",
    "NAPKIN WHITE 2PLY",
    None,
)
PACK_SIZES = ("6/5 LB", "6/5 LB", "6 x 5 lbs", "10/5 LB", "30 LB", "4/1 GAL", "6/#10", "12 CT", "12/32 OZ", "12/32 FL OZ", None)
CATEGORIES = (None, None, "meat", "dry goods")
QUANTITIES = ("1", "2.5", 3, "0.001", "12.123456789", "-1.5")
KINDS = (*[None] * 8, "freight", "discount", "tax", "price_correction", "rebate")
CHARGES = (None, None, [{"amount": "10.01", "kind": "freight"}], [{"amount": "0.05"}, {"amount": "7"}])
PRICES = ("30.00", "31.5", "0", "0.333333333", "1234.56", 29)
TOTALS = (None, None, None, "60.00", "0", "10.01")
FAULTS: tuple[dict[str, Any], ...] = (
    {"quantity": "NaN"},
    {"quantity": "two"},
    {"quantity": None},
    {"quantity": "0"},
    {"kind": "gift"},
    {"quantity": "1" * 16},
    {"unit_price": "-0.01"},
    {"unit_price": "1,50"},
    {"line_total": "Infinity"},
    {"pack_size": "a box or so"},
    {"pack_size": "1/2 lb"},
    {"item_number": "n/a", "description": "  "},
    {"description": "x" * 3000},
    {"category": []},
    {"item_number": True},
)


def good_lines() -> st.SearchStrategy[dict[str, Any]]:
    """Lines that can be read; whether they can be booked is the catalog's to say."""
    return st.fixed_dictionaries(
        {
            "item_number": st.sampled_from(ITEM_NUMBERS),
            "description": st.sampled_from(DESCRIPTIONS),
            "pack_size": st.sampled_from(PACK_SIZES),
            "category": st.sampled_from(CATEGORIES),
            "quantity": st.sampled_from(QUANTITIES),
            "unit_price": st.sampled_from(PRICES),
            "line_total": st.sampled_from(TOTALS),
            "kind": st.sampled_from(KINDS),
        }
    )


def bad_lines() -> st.SearchStrategy[Any]:
    """Lines that fail before anything is looked up."""
    return st.builds(dict.__or__, good_lines(), st.sampled_from(FAULTS)) | st.sampled_from((None, "a line"))


def documents(number: str) -> st.SearchStrategy[Document]:
    """Invoices and credit memos of this number, or of none; three lines in four are good, a kind that they can't have aside."""
    lines = st.one_of(good_lines(), good_lines(), good_lines(), bad_lines())
    head = st.fixed_dictionaries(
        {
            "vendor_name": st.sampled_from(VENDORS),
            "invoice_number": st.sampled_from((number, number, number, None)),
            "invoice_date": st.sampled_from(DATES),
            "currency": st.sampled_from((None, None, "USD", "JPY")),
            "charges": st.sampled_from(CHARGES),
        }
    )
    memo = {"document_type": st.just("credit_memo"), "corrects": st.sampled_from((None, "A-0", "A-0", "A-1"))}
    head = st.one_of(head, head, st.builds(dict.__or__, head, st.fixed_dictionaries(memo)))
    return st.fixed_dictionaries({"invoice": head, "line_items": st.lists(lines, min_size=1, max_size=6)})


@st.composite
def invoices(draw: st.DrawFn, max_size: int = 6) -> list[Sending]:
    """What senders may send, one after the other: new invoices, back-dated ones, and earlier ones as they come back."""
    sent: list[Sending] = []
    for place in range(draw(st.integers(1, max_size))):
        how = draw(st.sampled_from(("new", "new", "new", "new", "again", "mended", "changed", "under another id")))
        if how == "new" or not sent:
            document = draw(documents(f"A-{place}"))
            sent.append((document, draw(st.sampled_from((None, None, own_id(place))))))
        else:
            sent.append(sent_again(draw, how, draw(st.sampled_from(sent))))
    return sent


def sent_again(draw: st.DrawFn, how: str, earlier: Sending) -> Sending:
    document, invoice_id = deepcopy(earlier[0]), earlier[1]
    lines = document["line_items"]
    match how:
        case "mended":  # some of the lines that look bad, and some that only fail when they are mapped
            chosen = draw(st.sets(st.integers(0, len(lines) - 1)))
            document["line_items"] = [draw(good_lines()) if place in chosen else each for place, each in enumerate(lines)]
        case "changed":
            lines[draw(st.integers(0, len(lines) - 1))] = draw(good_lines())
        case "under another id":
            invoice_id = own_id(draw(st.integers(100, 102)))
    return document, invoice_id


def own_id(place: int) -> UUID:
    """An id that a sender has made. Its order among others is arbitrary, as that of real ids is."""
    return uuid5(UUID(int=1), str(place))
