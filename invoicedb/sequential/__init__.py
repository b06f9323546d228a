"""The reference: an invoice booked one line and one statement at a time, slowly, and written to be obviously right.

The same rules as the flights, which the tests hold against it, row for row. Shared with them are the judgements (how a
document, a pack size, a description is read), the plan for one line, and what a known invoice means; not shared is all that is
done with many lines at once: a plan for a whole invoice from one snapshot, and set-based SQL for quantities, prices and stock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from invoicedb.domain.document import read_invoice
from invoicedb.flights import failure_of
from invoicedb.ids import uuid7
from invoicedb.models import FailedLine, Invoice, Policy
from invoicedb.results import InvoiceResult
from invoicedb.sequential.booking import NOWHERE, Booking, LineRefused
from invoicedb.sequential.statements import Statements
from invoicedb.tasks import Document, Id, document_of

__all__ = ["InvoiceProcessor"]


class InvoiceProcessor:
    """Books each invoice in one ordinary transaction on `connection`, which is in autocommit: some ten statements a line.

    `new_id` makes the id of a new row from what it is for, `now` tells the time that rows are stamped with. It retries nothing.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        policy: Policy | None = None,
        new_id: Callable[[str], UUID] = uuid7,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection, self._policy, self._new_id, self._now = connection, policy or Policy(), new_id, now

    def process_invoice(self, user_id: Id, invoice_data: Document, invoice_id: Id | None = None) -> InvoiceResult:
        """What `Database.process_invoice` does, result and errors alike; `round_trips` counts the statements."""
        started, now = time.perf_counter(), self._now()
        document = document_of(invoice_data)
        invoice = read_invoice(user_id, document, invoice_id, policy=self._policy, today=now.date())
        statements = Statements(self._connection, invoice.user_id, now)
        done = self._book(invoice, statements)
        return replace(done, round_trips=statements.count, processing_time_seconds=time.perf_counter() - started)

    def _book(self, invoice: Invoice, statements: Statements) -> InvoiceResult:
        """A line that the database refuses is failed, and the invoice begun anew with it."""
        refused: dict[int, FailedLine] = {}
        while True:
            statements.count += 2  # BEGIN, and its end
            try:
                with self._connection.transaction():
                    return Booking(statements, self._policy, self._new_id, invoice, refused).run()
            except LineRefused as line:
                refused[line.failed.line_number] = line.failed
            except psycopg.Error as error:
                raise failure_of(error, NOWHERE, lost=self._connection.closed).for_user(attempts=1) from error
