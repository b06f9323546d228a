"""Whatever is sent, the flights leave the rows that the sequential reference leaves, and answer what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from typing import Any, TypeAlias
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from invoicedb import (
    AsyncCalls,
    Calls,
    Database,
    InvoiceConflict,
    InvoicedbError,
    InvoiceProcessor,
    InvoiceResult,
    SchemaOutdated,
    schema,
)
from invoicedb.connections import AsyncPool, Pool
from invoicedb.operations.call import PREVIEW, TRANSACTION
from invoicedb.sequential.prices import quotient, rounded
from invoicedb.tasks import settings_of
from tests.builders import Sending, invoice, invoices, line
from tests.conftest import administer, copy_template
from tests.servers import with_database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
USER = UUID("5c1b7c2e-0000-4000-8000-000000000001")
KWARGS = {"autocommit": True, "prepare_threshold": 0}

Book: TypeAlias = Callable[[UUID, dict[str, Any], UUID | None], InvoiceResult]


def keyed(what: str) -> UUID:
    """The id of a new row, from what it is for: the same on both sides."""
    return uuid5(USER, what)


SETTINGS = replace(settings_of(None, None, TRANSACTION, PREVIEW), new_id=keyed, now=lambda: NOW)


@dataclass
class Side:
    """One of the two, and the database that it books into."""

    book: Book
    connection: psycopg.Connection[Any]

    def empty(self) -> None:
        """As it was made. (TRUNCATE of tables this small takes longer than an example.)"""
        tables = reversed(schema.metadata.sorted_tables)
        self.connection.execute("; ".join(f"DELETE FROM {table.name}" for table in tables).encode())

    def send(self, sending: Sending) -> tuple[Any, ...]:
        """What became of it: the result but for its costs, with its warnings as text, or the error."""
        try:
            result = self.book(USER, *sending)
        except InvoicedbError as error:
            return type(error), str(error)
        costless = replace(result, round_trips=0, processing_time_seconds=0.0, warnings=())
        return costless, *map(str, result.warnings)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        cursor = self.connection.cursor(row_factory=dict_row)
        statement = sql.SQL("SELECT * FROM {} AS stored ORDER BY stored::text")
        return {name: cursor.execute(statement.format(sql.Identifier(name))).fetchall() for name in schema.metadata.tables}


# ---- the two sides, and the databases that they keep for all of their examples ---------------------------------------------


@contextmanager
def copied(server_dsn: str) -> Iterator[str]:
    name = sql.Identifier(f"oracle_{uuid4().hex}")
    copy_template(server_dsn, name)
    yield with_database(server_dsn, name.as_string().strip('"'))
    administer(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def sync_book(dsn: str) -> Iterator[Book]:
    with ConnectionPool(dsn, min_size=1, max_size=1, kwargs=KWARGS, open=True) as pool:
        yield Calls(Pool(pool, prepare=True), SETTINGS).process_invoice


@contextmanager
def async_book(dsn: str) -> Iterator[Book]:
    with asyncio.Runner() as runner:
        pool = AsyncConnectionPool(dsn, min_size=1, max_size=1, kwargs=KWARGS, open=False)
        runner.run(pool.open())
        calls = AsyncCalls(AsyncPool(pool, prepare=True), SETTINGS)
        yield lambda *sent: runner.run(calls.process_invoice(*sent))
        runner.run(pool.close())


@pytest.fixture(scope="module", params=[sync_book, async_book], ids=["sync", "async"])
def flights(request: pytest.FixtureRequest, server_dsn: str, template_dsn: str) -> Iterator[Side]:
    with copied(server_dsn) as dsn, request.param(dsn) as book, psycopg.connect(dsn, autocommit=True) as connection:
        yield Side(book, connection)


@pytest.fixture(scope="module")
def reference(server_dsn: str, template_dsn: str) -> Iterator[Side]:
    with copied(server_dsn) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        processor = InvoiceProcessor(connection, new_id=keyed, now=lambda: NOW)
        yield Side(processor.process_invoice, connection)


# ---- whatever is sent --------------------------------------------------------------------------------------------------------

BOUNDED = settings(max_examples=40, deadline=None, print_blob=True)


def require_alike(flights: Side, reference: Side, sent: list[Sending], decided: Iterable[str] = repeat("SELECT")) -> None:
    """Each invoice comes to the same on both sides, whatever is decided after it, and all of them leave the same rows."""
    sides = (flights, reference)
    for side in sides:
        side.empty()
    for sending, decision in zip(sent, decided, strict=False):
        by_flights, by_reference = (side.send(sending) for side in sides)
        assert by_flights == by_reference
        for side in sides:
            side.connection.execute(decision.encode())
    assert flights.rows() == reference.rows()


@BOUNDED
@given(invoices())
def test_any_invoices_leave_the_rows_of_the_sequential_reference(flights: Side, reference: Side, sent: list[Sending]) -> None:
    require_alike(flights, reference, sent)


RULE = f"""
    INSERT INTO catalogs (user_id, version, {{0}}) VALUES ('{USER}', 1, true)
    ON CONFLICT (user_id) DO UPDATE SET version = catalogs.version + 1, {{0}} = NOT catalogs.{{0}}"""

DECISIONS = {
    "nothing": "SELECT",
    "matches in review are approved": """
        UPDATE vendor_item_mappings
           SET review_state = 'approved', accepted_readings = accepted_readings || pending_readings, pending_readings = '{}'
         WHERE review_state = 'pending' OR pending_readings <> '{}'""",
    "matches in review are rejected": """
        UPDATE vendor_item_mappings SET review_state = 'rejected'
         WHERE match_method = 'fuzzy_review' OR pending_readings <> '{}'""",
    "every match is rejected": "UPDATE vendor_item_mappings SET review_state = 'rejected'",
    "the last invoice of each vendor is voided, with its prices": """
        WITH voided AS (
          UPDATE invoices SET voided_at = '2026-03-02 12:00Z'
           WHERE (vendor_id, posting_sequence) IN (SELECT vendor_id, max(posting_sequence) FROM invoices GROUP BY vendor_id)
          RETURNING id)
        UPDATE price_history SET voided_at = '2026-03-02 12:00Z' WHERE invoice_id IN (SELECT id FROM voided)""",
    "failed invoices are voided": "UPDATE invoices SET voided_at = '2026-03-02 12:00Z' WHERE status = 'failed'",
    "no items are to be created": RULE.format("never_create"),
    "everything is to be reviewed": RULE.format("review_everything"),
    "articles are written short": f"""
        INSERT INTO abbreviations (user_id, abbreviation, expansion)
        VALUES ('{USER}', 'BEEF', 'TOMATO'), ('{USER}', 'XVIRGIN', 'EXTRA VIRGIN'), ('{USER}', 'DICED', 'CRUSHED')
        ON CONFLICT DO NOTHING""",
    "12 each of anything are a pound": """
        UPDATE inventory_items SET conversions = '{"g": "1200000/45359237"}' WHERE base_unit = 'each'""",
    "everything is as light as oil": """UPDATE inventory_items SET conversions = '{"ml": "0.92"}' WHERE base_unit = 'g'""",
    "an each of anything is 150 g": """UPDATE inventory_items SET conversions = '{"each": "150"}' WHERE base_unit = 'g'""",
}
"""What people and later commands do between two invoices."""


@BOUNDED
@given(invoices(), st.lists(st.sampled_from(sorted(DECISIONS.values())), min_size=6, max_size=6))
def test_decisions_between_invoices_leave_the_two_alike(
    flights: Side, reference: Side, sent: list[Sending], decided: list[str]
) -> None:
    require_alike(flights, reference, sent, decided)


ONE_ITEM = st.fixed_dictionaries(
    {
        "description": st.sampled_from(("GROUND BEEF 80/20", "BEEF GROUND 80/20", "GROUND BEEF 80/20 FRESH", "TOMATO DICED")),
        "pack_size": st.sampled_from(("6/5 LB", "10/5 LB", "30 LB", "12 CT", None)),
        "unit_price": st.sampled_from((30, 31, 0)),
    }
)
PLACES = st.tuples(st.sampled_from(("Sysco", "Metro", "US Foods")), st.sampled_from(("2026-03-01", "2026-03-02")))


@BOUNDED
@given(st.lists(st.tuples(ONE_ITEM, PLACES, st.sampled_from(sorted(DECISIONS.values()))), min_size=1, max_size=8))
def test_one_item_of_three_vendors_is_decided_on_and_bought_alike(flights: Side, reference: Side, bought: list[Any]) -> None:
    """One item number, two dates: each new invoice meets what became of those before it."""
    sent: list[Sending] = [
        (invoice(line("7", **item), vendor_name=vendor_name, invoice_date=invoice_date), None)
        for item, (vendor_name, invoice_date), _ in bought
    ]
    require_alike(flights, reference, sent, [decision for *_, decision in bought])


@BOUNDED
@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=4))
def test_lines_of_one_item_mended_in_any_order_leave_the_two_alike(
    flights: Side, reference: Side, mended: list[set[int]]
) -> None:
    """Five lines of one item, between an older and a newer invoice; each sending mends some of those that are still bad."""
    sent: list[Sending] = [(invoice(line(unit_price=day), invoice_date=f"2026-03-{day}"), None) for day in (10, 30)]
    lines, bad = [line(unit_price=place + 1) for place in range(5)], set(range(5))
    for now_good in mended:
        bad = bad - now_good
        some = [each | {"quantity": "?"} if place in bad else each for place, each in enumerate(lines)]
        sent.append((invoice(*some, invoice_number="mended", invoice_date="2026-03-20"), None))
    require_alike(flights, reference, sent)


MERGED = """
    UPDATE vendors SET merged_into_id = other.id, merge_record = '{}'
      FROM vendors AS other WHERE vendors.normalized_name = 'metro' AND other.normalized_name = 'sysco'"""


@BOUNDED
@given(st.lists(st.tuples(ONE_ITEM, PLACES), min_size=1, max_size=8))
def test_what_is_sent_by_a_merged_name_is_booked_alike(flights: Side, reference: Side, bought: list[Any]) -> None:
    names: list[Sending] = [(invoice(line(quantity="?"), vendor_name=name), None) for name in ("Sysco", "Metro")]
    sent: list[Sending] = [
        (invoice(line("7", **item), line("8", quantity="?"), vendor_name=vendor_name, invoice_date=invoice_date), None)
        for item, (vendor_name, invoice_date) in bought
    ]
    require_alike(flights, reference, [*names, *sent, *sent], ["SELECT", MERGED, *repeat("SELECT", 2 * len(sent))])


BEEF = {"description": "GROUND BEEF 80/20", "pack_size": "6/5 LB"}


def test_a_line_sees_the_whole_of_an_item_that_the_line_before_has_renamed(flights: Side, reference: Side) -> None:
    """Found for its new description alone, it still has its own name and packs, which speak against an automatic match."""
    tomatoes = invoice(line("7", description="TOMATO DICED", pack_size="30 LB"))
    in_review = invoice(line("7", **BEEF))
    both = invoice(line("7", **BEEF | {"pack_size": None}), line("8", **BEEF))
    require_alike(flights, reference, [(document, None) for document in (tomatoes, in_review, both)])
    replayed, *_ = flights.send((both, None))
    assert [each.match_method for each in replayed.lines] == ["exact", "fuzzy_review"]


def test_a_line_that_the_users_own_constraint_refuses_fails_alone_in_both(flights: Side, reference: Side) -> None:
    lines = [line(f"N{number}", quantity=number) for number in range(1, 8)]
    for side in (flights, reference):
        side.empty()
        side.connection.execute("ALTER TABLE invoice_lines ADD CONSTRAINT no_fives CHECK (quantity NOT IN (2, 5)) NOT VALID")
    try:
        sent = [(invoice(*lines), None), (invoice(lines[4]), None), (invoice(lines[0], lines[4]), None)]
        outcomes = [[side.send(sending) for sending in sent] for side in (flights, reference)]
        assert outcomes[0] == outcomes[1]
        assert [each.error_type for each in outcomes[0][0][0].failed] == ["rejected_by_database"] * 2
        assert flights.rows() == reference.rows()
    finally:
        for side in (flights, reference):
            side.connection.execute("ALTER TABLE invoice_lines DROP CONSTRAINT no_fives")


def test_the_rows_that_are_compared_are_those_that_were_booked(flights: Side, reference: Side) -> None:
    """The comparison can fail: it sees one changed digit, in any table."""
    sent = (invoice(line(), line("10-23", quantity="none")), None)
    for side in (flights, reference):
        side.empty()
        side.send(sent)
    assert {name for name, rows in flights.rows().items() if not rows} == {"abbreviations"}  # nobody writes them by booking
    assert flights.rows() == reference.rows()
    reference.connection.execute("UPDATE price_history SET base_unit_price = base_unit_price + 0.0000000001")
    assert flights.rows() != reference.rows()


def test_the_reference_and_the_database_take_over_from_each_other(database: Database, dsn: str, user_id: UUID) -> None:
    sent = [invoice(line("1"), line("2", quantity="?")) for _ in range(2)]
    with psycopg.connect(dsn, autocommit=True) as connection:
        reference = InvoiceProcessor(connection)
        booked = [reference.process_invoice(user_id, sent[0]), database.process_invoice(user_id, sent[1])]
        again = [database.process_invoice(user_id, sent[0]), reference.process_invoice(str(user_id), sent[1])]
        with pytest.raises(InvoiceConflict):
            reference.process_invoice(user_id, invoice(line("1")), booked[1].invoice_id)
        assert connection.info.transaction_status == TransactionStatus.IDLE
        connection.execute("ALTER TABLE invoice_lines RENAME TO renamed")
        with pytest.raises(SchemaOutdated):
            reference.process_invoice(user_id, invoice())
    assert all(result.replayed for result in again)
    assert [result.lines for result in again] == [result.lines for result in booked]


# ---- arithmetic --------------------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals("0.000000001", "999999999", places=9)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=50))
@settings(max_examples=20, deadline=None)
def test_quotients_and_percentages_are_rounded_once_and_half_away_from_zero(
    reference: Side, pairs: list[tuple[Decimal, Decimal]]
) -> None:
    dividends, divisors = map(list, zip(*pairs, strict=True))
    found = reference.connection.execute(
        "SELECT invoicedb_quotient(one, other), invoicedb_percent(other, one)"
        "  FROM unnest(%s::numeric[], %s::numeric[]) AS pair (one, other)",
        [dividends, divisors],
    ).fetchall()
    expected = [
        (quotient(one, other), rounded((Fraction(one) - Fraction(other)) / Fraction(other) * 100, 4)) for one, other in pairs
    ]
    assert found == expected
