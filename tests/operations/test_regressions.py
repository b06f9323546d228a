"""Bookings that once went wrong, each in a case of its own."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import psycopg
import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import invoicedb
from invoicedb import Database, InvoicedbError, LineItem, TimedOut, WrongTransaction
from tests.builders import invoice, line


def test_a_sqlalchemy_connection_begins_again_after_each_commit(database: Database, dsn: str, user_id: UUID) -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    with engine.connect() as connection:
        calls = invoicedb.on(connection)
        for number in ("A", "B"):
            calls.process_invoice(user_id, invoice(line("1"), invoice_number=number))
            connection.commit()
    engine.dispose()
    assert len(database.list_invoices(user_id)) == 2


def test_invisible_characters_make_no_other_number(database: Database, user_id: UUID) -> None:
    first = database.process_invoice(user_id, invoice(line("1"), invoice_number="A-1"))
    again = database.process_invoice(user_id, invoice(line("1\u200b", description="ARTICLE 1"), invoice_number="A-1\u200b"))
    assert (again.replayed, again.invoice_id) == (True, first.invoice_id)
    unnumbered = invoice(line("\u200b", description="BEEF GROUND"), line("\u200b", description="NAPKIN WHITE"))
    assert database.process_invoice(user_id, unnumbered).inventory_items_created == 2


def test_a_rejected_item_does_not_come_back_by_another_pack(database: Database, dsn: str, user_id: UUID) -> None:
    [first] = database.process_invoice(user_id, invoice(line("A", pack_size="6/5 LB"))).lines
    database.process_invoice(user_id, invoice(line("A", pack_size="10/5 LB")))
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE vendor_item_mappings SET review_state = 'rejected' WHERE pack_key = '10/5LB'")
    [again] = database.process_invoice(user_id, invoice(line("A", pack_size="10/5 LB"))).lines
    assert again.inventory_item_id != first.inventory_item_id


def test_a_number_with_more_packs_than_are_looked_up(database: Database, user_id: UUID) -> None:
    weights = [f"{number / 100:.2f} LB" for number in range(1000, 1130)]
    database.process_invoice(user_id, invoice(*(line("CW", pack_size=weight) for weight in weights)))
    result = database.process_invoice(user_id, invoice(line("CW", description="OTHER WORDS", pack_size=weights[-1])))
    assert result.lines[0].match_method == "fuzzy_review"


def test_prices_of_two_currencies_are_not_compared(database: Database, user_id: UUID) -> None:
    def paid(price: str, currency: str, day: int) -> invoicedb.LineResult:
        asked = invoice(line("1", unit_price=price), currency=currency, invoice_date=f"2026-03-{day:02}")
        return database.process_invoice(user_id, asked).lines[0]

    assert paid("30", "EUR", 1).previous_price is None
    assert paid("60", "USD", 3).previous_price is None
    assert paid("33", "EUR", 5).price_change_percent == 10
    assert paid("24", "EUR", 2).price_change_percent == -20
    dollars, euros = (point for point in database.prices(user_id) if point.invoice_date.day in (3, 5))
    assert (dollars.previous_price, euros.previous_price) == (None, Decimal(24))


def test_many_lines_of_one_item_take_time_by_their_number(database: Database, dsn: str, user_id: UUID) -> None:
    """Buffers touched, not time: three times the lines may touch at most five times the blocks."""

    def blocks(size: int) -> int:
        with psycopg.connect(dsn, autocommit=True) as connection:
            asked = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
            before = connection.execute(asked).fetchone()
            with database._pool.connection() as booked_on:
                booked_on.execute("SELECT pg_stat_force_next_flush()")
            database.process_invoice(user_id, invoice(*(line("1") for _ in range(size))))
            with database._pool.connection() as booked_on:
                booked_on.execute("SELECT pg_stat_force_next_flush()")
            after = connection.execute(asked).fetchone()
        assert before is not None
        assert after is not None
        return int(after[0] - before[0])

    database.process_invoice(user_id, invoice(line("1")))
    blocks(10)
    assert blocks(1200) <= 5 * blocks(400)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dividend=st.decimals("0", "1e15", places=2),
    divisor=st.decimals("0.000000001", "1e15", places=9),
    now=st.decimals("0", "1e9", places=4),
)
def test_quotients_and_percents_are_rounded_once(dsn: str, dividend: Decimal, divisor: Decimal, now: Decimal) -> None:
    asked = "SELECT invoicedb_quotient(%s, %s), invoicedb_percent(%s, %s)"
    with psycopg.connect(dsn) as connection:
        row = connection.execute(asked, (dividend, divisor, divisor, now)).fetchone()
    assert row is not None
    for found, exact, places in (
        (row[0], Fraction(dividend) / Fraction(divisor), 10),
        (row[1], (Fraction(now) - Fraction(divisor)) / Fraction(divisor) * 100, 4),
    ):
        half_away = int(abs(exact) * 10**places + Fraction(1, 2)) * (1 if exact >= 0 else -1)
        assert Fraction(found) == Fraction(half_away, 10**places)


@pytest.mark.parametrize("timeout", [3_000_000, float("inf")])
def test_a_very_long_timeout_is_a_long_one(database: Database, user_id: UUID, timeout: float) -> None:
    assert database.process_invoice(user_id, invoice(), timeout=timeout).status == "success"


def test_a_callers_transaction_has_its_timeout_and_keeps_its_settings(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1")))
    with psycopg.connect(dsn) as holder, psycopg.connect(dsn) as connection:
        holder.execute("SELECT FROM vendors FOR UPDATE")
        connection.execute("SELECT set_config('invoicedb.user_id', 'mine', true)")
        calls = invoicedb.on(connection)
        with pytest.raises(TimedOut):
            calls.process_invoice(user_id, invoice(line("1")), timeout=0.3)
        holder.rollback()
        calls.process_invoice(user_id, invoice(line("1")), timeout=5)
        asked = "SELECT current_setting('invoicedb.user_id'), current_setting('statement_timeout')"
        assert connection.execute(asked).fetchone() == ("mine", "0")


def test_a_read_only_transaction_is_called_that(database: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn) as connection:
        connection.read_only = True
        with pytest.raises(WrongTransaction, match="read-only"):
            invoicedb.on(connection).process_invoice(user_id, invoice())


@pytest.mark.parametrize("depth", [33, 600, 5000])
def test_a_document_that_nests_too_deep_is_refused(database: Database, user_id: UUID, depth: int) -> None:
    nested: object = "x"
    for _ in range(depth):
        nested = [nested]
    with pytest.raises(InvoicedbError, match="deep"):
        database.process_invoice(user_id, invoice(line("1", extra=nested)))


def test_a_yes_is_no_quantity_in_the_model_either() -> None:
    with pytest.raises(ValueError, match="quantity"):
        LineItem(description="x", quantity=True, unit_price=1)
    assert LineItem(item_number=1022, description="x", quantity=1, unit_price=1).item_number == 1022
