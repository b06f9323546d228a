"""How a database is had: by connecting, from a pool that is handed over, or in a caller's own transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeVar, overload

from psycopg import AsyncConnection, Connection
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from sqlalchemy import Connection as SqlalchemyConnection

from invoicedb.async_database import AsyncCalls, AsyncDatabase
from invoicedb.connections import (
    CallersAsyncConnection,
    CallersConnection,
    connection_string,
    conninfo_of_pool,
    pool_options,
    require_server,
)
from invoicedb.database import Calls, Database
from invoicedb.embedded import SCHEME, start_embedded
from invoicedb.errors import WrongTransaction
from invoicedb.models import Policy
from invoicedb.operations.call import CALLER, CALLER_PREVIEW, PREVIEW, TRANSACTION
from invoicedb.tasks import settings_of

if TYPE_CHECKING:  # its import needs greenlet, which only those have who use it
    from sqlalchemy.ext.asyncio import AsyncConnection as SqlalchemyAsyncConnection

POOL_SIZE = 10


def conninfo_of(dsn: str | None, *, prepared_statements: bool) -> str:
    if dsn is not None and dsn.startswith(SCHEME):
        dsn = start_embedded(dsn.removeprefix(SCHEME) or "invoicedb-data")
    return connection_string(dsn, prepared_statements=prepared_statements)


def connect(
    dsn: str | None = None,
    *,
    pool: ConnectionPool[Any] | None = None,
    schema: str | None = None,
    policy: Policy | None = None,
    rights: Collection[str] | None = None,
    pool_size: int = POOL_SIZE,
    prepared_statements: bool = True,
) -> Database:
    """A `Database`. `dsn`: a connection string, `embedded:DIRECTORY` (the extra `embedded`), or None for DATABASE_URL or PG*.

    `pool`: a psycopg_pool of your own instead, which stays yours to close. `schema`: where the tables are, made by `migrate`;
    else wherever the search path points. `policy`: the business's settings. `rights`: what this caller may besides,
    override_period_lock; None for those in the environment variable INVOICEDB_RIGHTS. `pool_size`: connections at most.
    `prepared_statements=False` behind a pooler in transaction mode, such as PgBouncer.

    Raises DatabaseUnreachable.
    """
    settings = settings_of(policy, schema, TRANSACTION, PREVIEW, rights)
    if pool is not None:
        return Database(
            pool, settings, prepare=prepared_statements, owned=False, conninfo=conninfo_of_pool(pool.conninfo, pool.kwargs)
        )
    conninfo = conninfo_of(dsn, prepared_statements=prepared_statements)
    require_server(conninfo)
    own_pool = ConnectionPool(**pool_options(conninfo, pool_size, prepared_statements=prepared_statements))
    own_pool.open()
    return Database(own_pool, settings, prepare=prepared_statements, owned=True, conninfo=conninfo)


def connect_async(
    dsn: str | None = None,
    *,
    pool: AsyncConnectionPool[Any] | None = None,
    schema: str | None = None,
    policy: Policy | None = None,
    rights: Collection[str] | None = None,
    pool_size: int = POOL_SIZE,
    prepared_statements: bool = True,
) -> AsyncDatabase:
    """An `AsyncDatabase`, to be opened by `async with`. Arguments as for `connect`."""
    settings = settings_of(policy, schema, TRANSACTION, PREVIEW, rights)
    if pool is not None:
        return AsyncDatabase(
            pool, settings, prepare=prepared_statements, owned=False, conninfo=conninfo_of_pool(pool.conninfo, pool.kwargs)
        )
    conninfo = conninfo_of(dsn, prepared_statements=prepared_statements)
    own_pool = AsyncConnectionPool(**pool_options(conninfo, pool_size, prepared_statements=prepared_statements))
    return AsyncDatabase(own_pool, settings, prepare=prepared_statements, owned=True, conninfo=conninfo)


@overload
def on(
    connection: Connection[Any] | SqlalchemyConnection,
    *,
    policy: Policy | None = None,
    rights: Collection[str] | None = None,
    prepared_statements: bool = True,
) -> Calls: ...


@overload
def on(
    connection: AsyncConnection[Any] | SqlalchemyAsyncConnection,
    *,
    policy: Policy | None = None,
    rights: Collection[str] | None = None,
    prepared_statements: bool = True,
) -> AsyncCalls: ...


def on(
    connection: Connection[Any] | SqlalchemyConnection | AsyncConnection[Any] | SqlalchemyAsyncConnection,
    *,
    policy: Policy | None = None,
    rights: Collection[str] | None = None,
    prepared_statements: bool = True,
) -> Calls | AsyncCalls:
    """The same calls on a connection of yours, in your transaction: nothing is committed until you do.

    `connection`: of psycopg or of SQLAlchemy over psycopg, sync or async, READ COMMITTED. A booking that fails is undone to a
    savepoint, and your transaction goes on. Known lines take 1 round trip, anything else 3; nothing is retried.
    """
    settings = settings_of(policy, None, CALLER, CALLER_PREVIEW, rights)
    if isinstance(connection, AsyncConnection) or hasattr(connection, "sync_connection"):
        return AsyncCalls(CallersAsyncConnection(lambda: of_kind(connection, AsyncConnection), prepared_statements), settings)
    return Calls(CallersConnection(lambda: of_kind(connection, Connection), prepared_statements), settings)


Kind = TypeVar("Kind", Connection[Any], AsyncConnection[Any])


def of_kind(connection: object, kind: type[Kind]) -> Kind:
    """The connection, or psycopg's inside SQLAlchemy's, whose transaction is begun as SQLAlchemy would begin it.

    Raises WrongTransaction for another driver's.
    """
    connection = getattr(connection, "sync_connection", connection)
    if isinstance(connection, SqlalchemyConnection):
        if not connection.in_transaction():
            connection.begin()
        connection = connection.connection.driver_connection
    if isinstance(connection, kind):
        return connection
    raise WrongTransaction(reason=f"a connection of psycopg 3 is needed, this is {type(connection).__name__}")
