"""A connection is sound after whatever has failed on it, and a caller's transaction stays the caller's."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy
from psycopg_pool import ConnectionPool

import invoicedb
from invoicedb import Database, Policy
from invoicedb.connections import Pool
from invoicedb.errors import (
    Busy,
    DatabaseUnreachable,
    InvoiceConflict,
    InvoicedbError,
    InvoiceNotFound,
    ReturnedMoreThanBought,
    TimedOut,
    WrongTransaction,
)
from invoicedb.sql import SQL
from tests.builders import invoice, line
from tests.wire.test_round_trips import document

OWN_RULE = "ALTER TABLE inventory_transactions ADD CONSTRAINT no_beast CHECK (total_cost <> 666)"
"""A rule of the user's own, which no plan can see."""


def rows_of(dsn: str) -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        counts = {}
        for table in invoicedb.schema.metadata.tables:
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row is not None
            counts[table] = row[0]
        return counts


@pytest.fixture(params=[True, False], ids=["prepared", "unprepared"])
def one_connection(dsn: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with a single connection: what one call leaves behind, the next one meets."""
    with invoicedb.connect(dsn, pool_size=1, prepared_statements=request.param) as database:
        yield database


def test_previews_lost_bets_and_failures_leave_the_connection_sound(one_connection: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(OWN_RULE)
    chance = Random(20260301)
    booked = 0
    one_connection.process_invoice(user_id, document("first", 3))
    for number in range(100):
        new = document(str(number), 3, since=chance.choice((0, number + 10)))
        match chance.randrange(4):
            case 0:
                one_connection.preview(user_id, new)
            case 1:
                with pytest.raises(InvoiceConflict):
                    one_connection.process_invoice(user_id, document("first", 2))
            case 2:
                new["line_items"][1]["line_total"] = 666
                assert len(one_connection.process_invoice(user_id, new).failed) == 1
                booked += 2
            case _:
                assert one_connection.process_invoice(user_id, new).status == "success"
                booked += 3
    assert rows_of(dsn)["inventory_transactions"] == booked + 3
    assert one_connection.process_invoice(user_id, document("last", 3)).round_trips == 1


def test_a_lost_bet_leaves_no_row_and_no_dead_tuple(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, document("1", 3))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM FULL")
        before = rows_of(dsn), sizes(connection)
        for _ in range(5):
            database.preview(user_id, document("1", 3))
            with pytest.raises(InvoiceConflict):
                database.process_invoice(user_id, document("1", 4))
        assert (rows_of(dsn), sizes(connection)) == before


def sizes(connection: psycopg.Connection[Any]) -> list[Any]:
    """Every table's bytes: a row written and rolled back would stay as a dead one."""
    tables = list(invoicedb.schema.metadata.tables)
    return connection.execute(
        "SELECT name, pg_relation_size(name::regclass) FROM unnest(%s::text[]) AS name", (tables,)
    ).fetchall()


@pytest.mark.parametrize("names", [("1", "2"), ("1", "1")])
def test_a_callers_transaction_is_the_callers_to_commit(
    database: Database, dsn: str, user_id: UUID, names: tuple[str, str]
) -> None:
    with psycopg.connect(dsn) as connection:
        for name in names:
            assert invoicedb.on(connection).process_invoice(user_id, document(name, 3)).status == "success"
        connection.rollback()
    assert not any(rows_of(dsn).values())


def test_a_callers_transaction_survives_what_fails_in_it(database: Database, dsn: str, user_id: UUID) -> None:
    """A lost bet, a conflict and a preview: the caller's own rows, before and after, are committed."""
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE mine (n int)")
        [jit] = connection.execute("SHOW jit").fetchone() or [None]
        on = invoicedb.on(connection)
        connection.execute("INSERT INTO mine VALUES (1)")
        assert on.preview(user_id, document("1", 3)).status == "success"
        assert on.process_invoice(user_id, document("1", 3)).status == "success"
        with pytest.raises(InvoiceConflict):
            on.process_invoice(user_id, document("1", 2))
        assert on.get_invoice(user_id, on.process_invoice(user_id, document("1", 3)).invoice_id).summary.line_count == 3
        connection.execute("INSERT INTO mine VALUES (2)")
        asked = "SELECT current_setting('enable_seqscan'), current_setting('plan_cache_mode'), current_setting('jit')"
        settings = connection.execute(asked).fetchone()
    assert settings == ("on", "auto", jit)
    assert rows_of(dsn)["invoice_lines"] == 3
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT sum(n) FROM mine").fetchone() == (3,)


def test_in_a_callers_transaction_no_call_is_told_what_an_earlier_one_found(
    database: Database, dsn: str, user_id: UUID
) -> None:
    with psycopg.connect(dsn) as connection:
        on = invoicedb.on(connection)
        booked = on.process_invoice(user_id, document("1", 1))
        on.void(user_id, booked.invoice_id)
        with pytest.raises(InvoiceNotFound):
            on.void(user_id, uuid4())
        with pytest.raises(InvoiceNotFound):
            on.replace(user_id, uuid4(), document("2", 1))


def test_in_a_callers_transaction_a_return_is_judged_by_itself(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice(line("1", quantity="10"), line("2", quantity="1")))
    with psycopg.connect(dsn) as connection:
        told = invoicedb.on(connection).process_invoice(user_id, invoice(line("2", quantity="-3"))).warnings
        assert [type(each) for each in told] == [ReturnedMoreThanBought]
        strict = invoicedb.on(connection, policy=Policy(excess_returns="refuse"))
        assert strict.process_invoice(user_id, invoice(line("1", quantity="-1"))).warnings == ()


def test_what_a_statement_leaves_for_later_ones_begins_clean_in_a_callers_transaction() -> None:
    left = {name for sql in SQL.values() for name in re.findall(r"set_config\('(invoicedb\.\w+)'", sql)}
    assert {name for name in left if f"set_config('{name}'" not in SQL["settings_of_caller"]} == set()


async def test_an_async_callers_transaction_too(database: Database, dsn: str, user_id: UUID) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        assert (await invoicedb.on(connection).process_invoice(user_id, document("1", 3))).round_trips == 3
        await connection.rollback()
    assert not any(rows_of(dsn).values())


def test_a_sqlalchemy_connection_is_a_callers_connection(database: Database, dsn: str, user_id: UUID) -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    with engine.connect() as connection:
        invoicedb.on(connection).process_invoice(user_id, document("1", 3))
        connection.rollback()
        assert not any(rows_of(dsn).values())
        invoicedb.on(connection).process_invoice(user_id, document("1", 3))
        connection.commit()
    engine.dispose()
    assert rows_of(dsn)["invoice_lines"] == 3


@pytest.mark.parametrize("level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE])
def test_a_callers_isolation_level_is_checked(
    database: Database, dsn: str, user_id: UUID, level: psycopg.IsolationLevel
) -> None:
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = level
        with pytest.raises(WrongTransaction, match="READ COMMITTED"):
            invoicedb.on(connection).process_invoice(user_id, document("1", 1))
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_callers_connection_must_be_in_a_sound_transaction(database: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        with pytest.raises(WrongTransaction, match="autocommit"):
            invoicedb.on(connection).process_invoice(user_id, document("1", 1))
        with connection.transaction():
            assert invoicedb.on(connection).process_invoice(user_id, document("1", 1)).status == "success"
    with psycopg.connect(dsn) as connection:
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 1/0")
        with pytest.raises(WrongTransaction, match="roll it back"):
            invoicedb.on(connection).process_invoice(user_id, document("2", 1))


def test_a_pool_of_the_users_own_is_left_as_it_was(database: Database, dsn: str, user_id: UUID) -> None:
    with ConnectionPool(dsn, min_size=1, max_size=1, open=True) as pool:
        given = invoicedb.connect(pool=pool)
        given.migrate()
        assert given.process_invoice(user_id, document("1", 3)).status == "success"
        given.close()
        with pool.connection() as connection:
            assert not connection.autocommit
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_connection_is_replaced_unseen(one_connection: Database, dsn: str, user_id: UUID) -> None:
    one_connection.process_invoice(user_id, document("1", 3))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    assert one_connection.process_invoice(user_id, document("2", 3)).status == "success"
    assert rows_of(dsn)["inventory_transactions"] == 6


def test_an_exhausted_pool_says_so(dsn: str, user_id: UUID) -> None:
    with (
        invoicedb.connect(dsn, pool_size=1) as database,
        database._pool.connection(),
        pytest.raises(Busy, match="1 connections"),
    ):
        database.stock(user_id, timeout=0.2)


def test_a_statement_that_waits_too_long_is_stopped(database: Database, dsn: str, user_id: UUID) -> None:
    database.process_invoice(user_id, document("1", 3))
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT FROM vendors FOR UPDATE")
        with pytest.raises(TimedOut):
            database.process_invoice(user_id, document("2", 3), timeout=0.3)
    assert database.process_invoice(user_id, document("2", 3)).status == "success"


async def test_a_cancelled_call_leaves_no_broken_connection(dsn: str, user_id: UUID) -> None:
    async with invoicedb.connect_async(dsn, pool_size=1) as database:
        await database.process_invoice(user_id, document("0", 3))
        for number in range(20):
            call = asyncio.create_task(database.process_invoice(user_id, document("1", 3 + number)))
            await asyncio.sleep(number / 4000)
            call.cancel()
            await asyncio.wait([call])
            assert call.cancelled() or call.exception() is None or isinstance(call.exception(), InvoicedbError)
        assert (await database.process_invoice(user_id, document("2", 3))).status == "success"


def test_nobody_there_is_said_at_once() -> None:
    with pytest.raises(DatabaseUnreachable):
        invoicedb.connect("postgresql://127.0.0.1:1/none?connect_timeout=2")


def test_a_malformed_connection_string_does_not_echo_its_password() -> None:
    with pytest.raises(DatabaseUnreachable) as caught:
        invoicedb.connect("postgresql://me:sec?ret@localhost/name")
    assert "ret" not in str(caught.value).replace("written", "")


def test_lost_bets_pile_up_nothing_on_the_connection(dsn: str, user_id: UUID) -> None:
    """psycopg's own cache would forget each bet that was lost, and the server would keep it."""
    with invoicedb.connect(dsn, pool_size=1) as database:
        counts = []
        for number in range(12):
            database.process_invoice(user_id, document(str(number), 2, since=number * 2))
            with database._pool.connection() as connection:
                counts.append(connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone())
        assert counts[1:] == counts[1:2] * 11


def test_a_callers_own_rollback_may_deallocate_everything(database: Database, dsn: str, user_id: UUID) -> None:
    with psycopg.connect(dsn, prepare_threshold=0) as connection:
        for number in range(4):
            assert invoicedb.on(connection).process_invoice(user_id, document(str(number), 2)).status == "success"
            connection.execute("SELECT 1")
            connection.rollback()
            connection.execute("DEALLOCATE ALL")
        assert invoicedb.on(connection).process_invoice(user_id, document("last", 2)).status == "success"


def test_migrate_goes_where_the_pool_goes(server_dsn: str, dsn: str) -> None:
    """The database may be named in the pool's arguments alone."""
    name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with ConnectionPool(server_dsn, kwargs={"dbname": name}, min_size=1, max_size=1, open=True) as pool:
        invoicedb.connect(pool=pool).migrate()
    assert not any(rows_of(dsn).values())


def test_a_database_made_before_a_fork_is_refused_after_it(database: Database, user_id: UUID) -> None:
    """Parent and child would read each other's answers from the sockets that they share."""
    database._connections = replace(cast(Pool, database._connections), process=os.getpid() + 1)
    with pytest.raises(DatabaseUnreachable, match="fork"):
        database.stock(user_id)
