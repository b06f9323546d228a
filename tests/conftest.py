"""One server for the run, one migrated template in it, and a database of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from tests.servers import memory, server, with_database

if TYPE_CHECKING:
    from invoicedb import Database

TEMPLATE = f"invoicedb_template_{uuid4().hex}"
"""Each process of a run has its own, also where all share one server."""


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """A server that lives as long as the run; its maintenance database."""
    with server(memory()) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def template_dsn(server_dsn: str) -> Iterator[str]:
    """A database that was migrated once: copying it costs 40 ms, migrating again costs much more."""
    import invoicedb

    template = sql.Identifier(TEMPLATE)
    administer(server_dsn, sql.SQL("CREATE DATABASE {}").format(template))
    dsn = with_database(server_dsn, TEMPLATE)
    with invoicedb.connect(dsn) as database:
        database.migrate()
    yield dsn
    administer(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(template))


@pytest.fixture
def dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A new migrated database, dropped afterwards whoever is still connected to it."""
    name = f"test_{uuid4().hex}"
    copied = sql.Identifier(name)
    copy_template(server_dsn, copied)
    yield with_database(server_dsn, name)
    administer(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copied))


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """invoicedb on a new database.

    Its pool is filled: threads that still connect draw random numbers, for which hypothesis blames a test.
    """
    import invoicedb

    with invoicedb.connect(dsn) as connected:
        connected._pool.wait()
        yield connected


@pytest.fixture
def user_id() -> UUID:
    """A tenant that nobody else has."""
    return uuid4()


def copy_template(server_dsn: str, name: sql.Identifier) -> None:
    """By files, where the server knows how: in half the time that logging each page takes."""
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        by_files = sql.SQL(" STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else "")
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(TEMPLATE)) + by_files)


def administer(server_dsn: str, statement: sql.Composed) -> None:
    """Run `statement`, which refuses to be in a transaction, on the server's maintenance database."""
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(statement)
