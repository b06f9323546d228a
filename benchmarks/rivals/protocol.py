"""What the measured ways of booking an invoice have in common."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from benchmarks.workload import Document, Workload


class Rival(Protocol):
    """A way to book an invoice, on a connection of its own. `tenant` names whose catalog it books into."""

    name: str
    tenant: str

    def prepare(self, dsn: str) -> None:
        """Connect, and make what is made once."""

    def document(self, workload: Workload, number: int) -> Document:
        """The invoice to book as number `number`."""

    def set_up(self, user_id: UUID, document: Document) -> None:
        """What must have happened before this invoice is booked; not measured."""

    def book(self, user_id: UUID, document: Document) -> object:
        """What is measured: from the document to the answer."""

    def close(self) -> None: ...
