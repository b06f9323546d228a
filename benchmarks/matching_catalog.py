"""A catalog in the database as ingest leaves one, and lines asked of it through the statements of ingest's first flight."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from benchmarks.matching_sets import Text
from invoicedb.domain.dictionary import EMPTY
from invoicedb.domain.document import read_invoice
from invoicedb.domain.keys import plain_text
from invoicedb.domain.match_keys import alias_keys
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.flights import Deadline, Flight, Landing
from invoicedb.ids import uuid7
from invoicedb.models import Invoice, Policy
from invoicedb.operations.call import TRANSACTION, Call
from invoicedb.operations.ingest.look_up import Snapshot, lines_json, look_ups, packed
from invoicedb.operations.ingest.plan import NAME_LENGTH
from invoicedb.sql import statements_of
from invoicedb.wire import cross

Connection: TypeAlias = psycopg.Connection[Any]
Row: TypeAlias = tuple[UUID, UUID, int, str, str, str, str | None, str, Decimal, str]

FILL = dict(statements_of(Path(__file__).with_name("matching.sql").read_text("utf-8")))
STEPS = ("add_catalogs", "add_vendors", "add_named_items", "add_mappings", "add_match_keys", "empty_named_items")
POLICY = Policy()
LINES = 15
"""Lines that are asked at once, as an invoice does."""

ASKED_OF = "A Vendor Nobody Knows"
"""No line is of a known item number or a known description: each has to be matched."""


# ---- filling ---------------------------------------------------------------------------------------------------------------


def item_id(user_id: UUID, place: int) -> UUID:
    """Ids that grow, as those that the library makes do."""
    return UUID(int=(user_id.int >> 64 << 64) | place)


def item_row(user_id: UUID, place: int, item: Text, base_unit: str | None = None) -> Row:
    """`base_unit` is of an item without a pack size: each, unless the set knows better."""
    pack = read_pack_size(item.pack) if item.pack else None
    return (
        user_id,
        item_id(user_id, place),
        place,
        item.text[:NAME_LENGTH],
        plain_text(item.text),
        pack.base_unit if pack else base_unit or "each",
        item.pack or None,
        pack.key if pack else "",
        pack.base_quantity if pack else Decimal(1),
        packed(keys_of(item)),
    )


def keys_of(item: Text) -> tuple[int, ...]:
    """What ingest stores for an item that a line of this description made."""
    return alias_keys(item.text, EMPTY)


def fill(connection: Connection, rows: Iterable[Row]) -> None:
    """Add the items of these rows, and the catalogs that they begin."""
    with connection.cursor() as cursor, cursor.copy(FILL["copy_named_items"]) as copy:
        for row in rows:
            copy.write_row(row)
    for step in STEPS:
        connection.execute(FILL[step])


# ---- asking ----------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Catalog:
    """A tenant with these items, and a connection to ask on. `ids` are in the database, by the items' ids in their set."""

    connection: Connection
    user_id: UUID
    texts: Sequence[Text]
    ids: Mapping[str, UUID] = field(init=False)
    items: Mapping[UUID, Text] = field(init=False)

    def __post_init__(self) -> None:
        self.items = {item_id(self.user_id, place): item for place, item in enumerate(self.texts, 1)}
        self.ids = {item.id: its_id for its_id, item in self.items.items()}

    def rows(self) -> Iterator[Row]:
        for place, item in enumerate(self.texts, 1):
            yield item_row(self.user_id, place, item)

    def look_up(self, invoice: Invoice) -> Snapshot:
        return Snapshot.of(flown(self.connection, look_up_flight(invoice)))

    @contextmanager
    def without(self, names: Iterable[str]) -> Iterator[None]:
        """As if these items were not there: no line finds an item without match keys. Undone at the end."""
        taken = [self.ids[name] for name in names]
        keys = {key for its_id in taken for key in keys_of(self.items[its_id])}
        with self.connection.transaction(force_rollback=True):
            params = {"user_id": self.user_id, "items": taken, "keys": sorted(keys)}
            self.connection.execute(FILL["take_out_keys"], params)
            yield


def invoice_of(user_id: UUID, lines: Sequence[Text]) -> Invoice:
    """An invoice of these lines, read as any other. They have no item numbers: only what they say can tell what they are."""
    line_items = [{"description": line.text, "quantity": 1, "unit_price": 1, "pack_size": line.pack or None} for line in lines]
    head = {"vendor_name": ASKED_OF, "invoice_number": "1", "invoice_date": "2026-03-02"}
    document = {"invoice": head, "line_items": line_items}
    return read_invoice(user_id, document, None, policy=POLICY, today=datetime.now(UTC).date())


def call_of(user_id: UUID) -> Call:
    return Call(
        user_id, TRANSACTION, POLICY, lambda _: uuid7(), datetime.now(UTC), time.perf_counter, None, Deadline.after(None)
    )


def look_up_flight(invoice: Invoice) -> Flight:
    """The first flight of `ingest` up to its bet."""
    call = call_of(invoice.user_id)
    return call.opened(lines_json(invoice.lines)) + look_ups(invoice, call)


def open_connection(dsn: str) -> Connection:
    """Psycopg prepares only what it is told to: after a rollback it would deallocate what the flights have prepared, too."""
    connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=None)
    connection.execute(FILL["make_named_items"])
    return connection


def flown(connection: Connection, flight: Flight) -> Landing:
    landed = connection.wait(cross(connection, flight, prepare=True))
    if landed.error is not None:
        raise landed.error
    return Landing(landed.rows, round_trips=1)
