"""On trial every call answers what it would do, and nothing is written."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import psycopg
import pytest

import invoicedb
from invoicedb import Database, InvoiceNotFound
from tests.builders import invoice, line
from tests.operations.test_verify import rows_of


def test_a_trial_answers_as_the_call_does_and_writes_nothing(database: Database, dsn: str, user_id: UUID) -> None:
    document = invoice(line("1", pack_size="12 CT", description="ONIONS"), invoice_number="A-1")
    database.process_invoice(user_id, invoice(line("1", description="ONIONS", pack_size="10 LB")))
    failed = database.process_invoice(user_id, document)
    onions = database.stock(user_id)[0].id
    database.set_conversions(user_id, onions, {"each": "150 g"})
    before = rows_of(dsn)
    shown = database.trial().retry_failed(user_id, failed.invoice_id)
    assert rows_of(dsn) == before
    done = database.retry_failed(user_id, failed.invoice_id)
    assert (shown.lines, shown.round_trips) == (done.lines, done.round_trips)


def test_what_would_fail_fails_on_trial(database: Database, user_id: UUID) -> None:
    with pytest.raises(InvoiceNotFound):
        database.trial().void(user_id, UUID(int=7))
    assert database.process_invoice(user_id, invoice()).status == "success"


def test_each_call_of_a_trial_stands_for_itself(database: Database, user_id: UUID) -> None:
    trial = database.trial()
    assert trial.process_invoice(user_id, invoice()).inventory_items_created == 1
    assert trial.lock_period(user_id, date(2026, 3, 1)) is not None
    assert (trial.stock(user_id), trial.period_lock(user_id)) == ([], None)


async def test_the_async_trial_is_the_same(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn) as database:
        booked = await database.trial().process_invoice(user_id, invoice())
        assert (booked.status, await database.stock(user_id)) == ("success", [])


def test_in_a_callers_transaction_a_trial_leaves_what_was_there(database: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn) as connection:
        calls = invoicedb.on(connection)
        calls.process_invoice(user_id, invoice(line("1")))
        assert calls.trial().process_invoice(user_id, invoice(line("2"))).status == "success"
        assert len(calls.stock(user_id)) == 1
