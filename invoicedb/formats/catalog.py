"""A catalog as CSV or JSON: rows out, as `import_catalog` takes them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from invoicedb.errors import UnreadableDocument
from invoicedb.formats.json import decode, read_json
from invoicedb.models import CATALOG_FIELDS, meant_by

DELIMITERS = (",", ";", "\t", "|")


def read_catalog(document: bytes | str, *, source: str | None = None) -> list[Any]:
    """The rows of a catalog: a JSON list of objects, or CSV whose first line names the columns as `CatalogItem` does.

    Which of the two it is, its first character says. CSV is separated by commas, semicolons, tabs or bars; names of columns may
    be in capitals and with blanks. Raises UnreadableDocument with line and column. `source` names the file in the message.
    """
    text = document.removeprefix("\ufeff") if isinstance(document, str) else decode(document, source)
    return list_in(read_json(text, source=source), source) if text.lstrip()[:1] in ("[", "{") else rows_of(text, source)


def list_in(found: Any, source: str | None) -> list[Any]:
    if not isinstance(found, list):
        raise UnreadableDocument(reason="a catalog in JSON is a list of objects: [{…}, {…}]", line=1, column=1, source=source)
    return found


def rows_of(text: str, source: str | None) -> list[dict[str, str]]:
    lines = text.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        filled = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UnreadableDocument(reason=str(error), line=reader.line_num, column=1, source=source) from None
    if not filled:
        raise UnreadableDocument(reason="it is empty: the first line names the columns", line=1, column=1, source=source)
    (head_line, head), *rows = filled
    fields = columns_of(head, head_line, source)
    return [dict(cells_of(fields, cells, line, source)) for line, cells in rows]


def columns_of(head: Sequence[str], line: int, source: str | None) -> list[str]:
    """The fields that the columns are. Raises UnreadableDocument for one that is not read, or is there twice."""
    fields = ["_".join(cell.lower().replace("_", " ").split()) for cell in head]
    for column, field in enumerate(fields, 1):
        if field not in CATALOG_FIELDS:
            reason = f"the column {head[column - 1].strip()[:60]!r} is not read: {meant_by(field)}"
            raise UnreadableDocument(reason=reason, line=line, column=column, source=source)
        if field in fields[: column - 1]:
            raise UnreadableDocument(reason=f"the column {field} is there twice", line=line, column=column, source=source)
    return fields


def cells_of(fields: Sequence[str], cells: Sequence[str], line: int, source: str | None) -> Iterator[tuple[str, str]]:
    """The cells that are filled, under their fields."""
    for column, cell in enumerate(cells, 1):
        if cell.strip() and column > len(fields):
            reason = f"{cell.strip()[:60]!r} is in no column: put a text with a delimiter in it in quotes"
            raise UnreadableDocument(reason=reason, line=line, column=column, source=source)
        if cell.strip():
            yield fields[column - 1], cell.strip()
