"""JSON: numbers exact, duplicate keys refused, errors with their place."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from invoicedb.errors import UnreadableDocument

ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
BOM = "\ufeff"


def read_json(document: str | bytes, *, source: str | None = None) -> Any:
    """What the JSON says. Numbers with a point become Decimal, as they are written.

    Raises UnreadableDocument with line and column for what is no JSON, for a key that is there twice, for bytes in no
    encoding of Unicode. `source` names the file in the message.
    """
    text = document.removeprefix(BOM) if isinstance(document, str) else decode(document, source)
    try:
        return json.loads(text, parse_float=exact, parse_constant=str, object_pairs_hook=without_duplicates)
    except json.JSONDecodeError as error:
        raise UnreadableDocument(reason=error.msg, line=error.lineno, column=error.colno, source=source) from None
    except RecursionError:
        raise UnreadableDocument(reason="it nests too deeply", source=source) from None
    except ValueError as error:
        raise UnreadableDocument(reason=str(error), source=source) from None


def decode(document: bytes, source: str | None) -> str:
    encoding = next((name for bom, name in ENCODINGS if document.startswith(bom)), "utf-8")
    try:
        return document.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is no {encoding}: save the file as UTF-8"
        raise UnreadableDocument(reason=reason, source=source) from None


def exact(text: str) -> Decimal | str:
    """The number as written; one whose exponent no Decimal has stays text, and fails its line."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is there twice in one object")
    return found
