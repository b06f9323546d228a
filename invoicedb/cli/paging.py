"""Lists that may be long: a page at a time, each after the last row of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from invoicedb.cli.exits import note

Row = TypeVar("Row")

PAGE = 1000


def paged(fetch: Callable[[Row | None], list[Row]]) -> Iterator[Row]:
    """All rows. `fetch` gets the last row so far and answers at most PAGE rows after it."""
    last: Row | None = None
    while True:
        page = fetch(last)
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]


def limited(rows: Iterable[Row], limit: int | None) -> Iterator[Row]:
    """At most `limit` rows; if there are more, standard error says so."""
    for place, row in enumerate(rows):
        if place == limit:
            note(f"there are more than these {limit} rows (--limit)")
            return
        yield row
