"""The tables that migrations make are the tables that the package describes, and migrations can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError

import invoicedb
from invoicedb.errors import MigrationFailed
from tests.conftest import administer
from tests.servers import with_database

ROOT = Path(__file__).parent.parent
VERSION_TABLE = "invoicedb_migrations"


@pytest.fixture
def empty_dsn(server_dsn: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    administer(server_dsn, psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    yield with_database(server_dsn, name)
    administer(server_dsn, psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))


@pytest.fixture
def connection(empty_dsn: str) -> Iterator[Connection]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(empty_dsn))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def config_on(connection: Connection) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def test_alembic_check_finds_no_difference(connection: Connection) -> None:
    command.upgrade(config_on(connection), "head")
    command.check(config_on(connection))


def test_downgrading_leaves_nothing_and_upgrading_again_works(connection: Connection) -> None:
    config = config_on(connection)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert inspect(connection).get_table_names() == [VERSION_TABLE]
    functions = connection.exec_driver_sql("SELECT count(*) FROM pg_proc WHERE proname LIKE 'invoicedb%%'").scalar()
    assert functions == 0
    command.upgrade(config, "head")
    assert set(inspect(connection).get_table_names()) == {*invoicedb.schema.metadata.tables, VERSION_TABLE}


def test_what_is_merged_is_not_downgraded(connection: Connection) -> None:
    """An older version would book by the merged vendor's name again."""
    config = config_on(connection)
    command.upgrade(config, "head")
    connection.exec_driver_sql(
        "INSERT INTO vendors (id, user_id, name, normalized_name, posting_sequence, created_at, merged_into_id, merge_record)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'A', 'a', 0, now(), gen_random_uuid(), '{}')"
    )
    with pytest.raises(DBAPIError, match="un-merge them first"), connection.begin_nested():
        command.downgrade(config, "0008")


@pytest.mark.parametrize(("openings", "is_kept"), [(1, True), (2, False)])
def test_an_item_that_was_opened_again_is_not_downgraded(connection: Connection, openings: int, is_kept: bool) -> None:
    """An older version knows one opening of an item."""
    config = config_on(connection)
    command.upgrade(config, "head")
    connection.exec_driver_sql(
        "INSERT INTO inventory_items (id, user_id, name, base_unit, current_quantity, created_at)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'A', 'g', 0, now())"
    )
    for _ in range(openings):
        connection.exec_driver_sql(
            "INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type,"
            " reference_type, quantity_change, unit_cost, total_cost, transaction_date)"
            " SELECT user_id, gen_random_uuid(), 1, id, 'adjustment', 'opening', 1, 1, 1, now() FROM inventory_items"
        )
    with (
        nullcontext() if is_kept else pytest.raises(DBAPIError, match="opened again"),
        connection.begin_nested(),
    ):
        command.downgrade(config, "0009")


def test_migrating_twice_changes_nothing(empty_dsn: str) -> None:
    with invoicedb.connect(empty_dsn) as database:
        database.migrate()
        database.migrate()


def test_tables_can_live_in_a_schema_of_their_own(empty_dsn: str) -> None:
    user_id = uuid4()
    document = {
        "invoice": {"vendor_name": "Sysco", "invoice_number": "1", "invoice_date": "2026-01-05"},
        "line_items": [{"item_number": "1", "description": "Flour", "quantity": 1, "unit_price": 5, "pack_size": "50 LB"}],
    }
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.invoices (mine int)")
    with invoicedb.connect(empty_dsn, schema="Back office") as database:
        database.migrate()
        assert database.process_invoice(user_id, document).status == "success"
        assert database.process_invoice(user_id, document).replayed
        assert [item.name for item in database.stock(user_id)] == ["Flour"]


def test_without_tables_the_error_says_what_to_run(empty_dsn: str) -> None:
    with invoicedb.connect(empty_dsn) as database, pytest.raises(invoicedb.InvoicedbError, match="invoicedb migrate"):
        database.stock(uuid4())


def test_no_key_and_no_index_begins_with_the_bare_tenant(database: invoicedb.Database, dsn: str) -> None:
    """Except the one row per tenant: an index led by user_id costs a database without statistics five times the time."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
            " WHERE attname = 'user_id' AND indrelid::regclass::text NOT LIKE 'pg_%'"
        ).fetchall()
    assert rows == [("catalogs_pkey",)]


def test_every_key_holds_the_tenant(database: invoicedb.Database, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND NOT EXISTS ("
            " SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'user_id' AND attnum = ANY (conkey))"
            " AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'invoicedb_migrations'"
        ).fetchall()
    assert rows == []


def test_a_role_that_may_not_create_tables_is_told_so(empty_dsn: str) -> None:
    role = f"reader_{uuid4().hex[:8]}"
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(psycopg.sql.Identifier(role)))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    options = psycopg.conninfo.make_conninfo(empty_dsn, user=role, password="x")
    with invoicedb.connect(options) as database, pytest.raises(MigrationFailed, match="role that may create tables"):
        database.migrate()


def test_tables_of_a_newer_version_are_left_alone(empty_dsn: str) -> None:
    with invoicedb.connect(empty_dsn) as database:
        database.migrate()
        with psycopg.connect(empty_dsn) as connection:
            connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        with pytest.raises(MigrationFailed, match="another version"):
            database.migrate()
