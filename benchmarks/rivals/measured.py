"""invoicedb itself: with known lines, with new ones, and asked again."""

from __future__ import annotations

from uuid import UUID

import invoicedb
from benchmarks.workload import Document, Workload


class Library:
    """As a user has it: `connect`, then `process_invoice` with a dict."""

    tenant = "invoicedb"
    series = "K"
    new_lines = 0
    name = "invoicedb, known lines"

    database: invoicedb.Database

    def prepare(self, dsn: str) -> None:
        self.database = invoicedb.connect(dsn)

    def document(self, workload: Workload, number: int) -> Document:
        return workload.document(number, series=self.series, new_lines=self.new_lines)

    def set_up(self, user_id: UUID, document: Document) -> None:
        """Nothing: the invoice is new."""

    def book(self, user_id: UUID, document: Document) -> object:
        return self.database.process_invoice(user_id, document)

    def close(self) -> None:
        self.database.close()


class LibraryWithNewLines(Library):
    """Items that nobody has seen: looked up, planned, created."""

    name = "invoicedb, 3 new lines"
    series = "N"
    new_lines = 3


class LibraryReplay(Library):
    """An invoice that is booked already."""

    name = "invoicedb, replay"
    series = "R"

    def set_up(self, user_id: UUID, document: Document) -> None:
        self.database.process_invoice(user_id, document)
