"""Where connections come from: a pool of our own, a pool that is handed over, or the one connection of a caller."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, PipelineStatus, TransactionStatus
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolClosed, PoolTimeout

from invoicedb.errors import Busy, DatabaseUnreachable, WrongTransaction

DEFAULTS = {
    "connect_timeout": "10",
    "fallback_application_name": "invoicedb",
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""A silent peer has no other limit. In seconds, the last in milliseconds; a connection string's own settings win."""

READ_COMMITTED = r"-c default_transaction_isolation=read\ committed"


def connection_string(dsn: str | None, *, prepared_statements: bool) -> str:
    """`dsn`, else DATABASE_URL, else the PG* variables, with the defaults for what it does not say.

    Raises DatabaseUnreachable for a malformed one; its text, which may hold a password, is in no message.
    """
    text = dsn if dsn is not None else os.environ.get("DATABASE_URL", "")
    scheme, separator, rest = text.partition("://")
    if separator and scheme.split("+")[0] in ("postgresql", "postgres"):
        text = f"postgresql://{rest}"
    try:
        given = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        raise DatabaseUnreachable(
            reason="the connection string is malformed: write postgresql://user:password@host:port/name, and / ? @ # in a "
            "password as %2F %3F %40 %23"
        ) from None
    own = given.get("options") or os.environ.get("PGOPTIONS")
    options = f"{READ_COMMITTED} {own}" if own else READ_COMMITTED
    behind_a_pooler = {} if not prepared_statements else {"options": options}
    return make_conninfo(
        "", **{**DEFAULTS, **{key: value for key, value in given.items() if value is not None}, **behind_a_pooler}
    )


def conninfo_of_pool(conninfo: object, kwargs: object) -> str | None:
    """Where a pool that is handed over connects to, for `migrate`; None where only a function of its owner's knows."""
    if not isinstance(conninfo, str) or not isinstance(kwargs, Mapping | None):
        return None
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    return make_conninfo(conninfo, **{key: value for key, value in (kwargs or {}).items() if key in known})


def pool_options(conninfo: str, size: int, *, prepared_statements: bool) -> dict[str, Any]:
    return {
        "conninfo": conninfo,
        "kwargs": {"autocommit": True, "prepare_threshold": 0 if prepared_statements else None},
        "min_size": 1,
        "max_size": size,
        "open": False,
        "name": "invoicedb",
    }


@contextmanager
def lending(pool: ConnectionPool[Any] | AsyncConnectionPool[Any], process: int, timeout: float) -> Iterator[None]:
    """Around the asking for a connection: a fork is refused, a pool that gives none is told in our words."""
    if os.getpid() != process:  # a fork shares the sockets of its parent: each would read the other's answers
        raise DatabaseUnreachable(reason="this Database was made before a fork: connect again in the new process")
    try:
        yield
    except PoolTimeout:
        raise Busy(attempts=1, reason=f"none of the pool's {pool.max_size} connections came free in {timeout:.1f} s") from None
    except PoolClosed:
        raise DatabaseUnreachable(reason="this Database is closed") from None


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections of a psycopg pool. `prepare`: whether statements are prepared; not behind a transaction pooler."""

    pool: ConnectionPool[Any]
    prepare: bool
    ours: bool = True
    process: int = field(default_factory=os.getpid)

    @contextmanager
    def lend(self, timeout: float) -> Iterator[Connection[Any]]:
        """A connection in autocommit, given back as it was. Raises Busy where none comes free in `timeout` seconds."""
        with lending(self.pool, self.process, timeout):
            connection = self.pool.getconn(timeout)
        autocommit = connection.autocommit
        try:
            if not autocommit:
                connection.autocommit = True
            yield connection
        finally:
            if not connection.closed and connection.autocommit != autocommit:
                connection.autocommit = autocommit
            self.pool.putconn(connection)


@dataclass(frozen=True, slots=True)
class AsyncPool:
    """The same, awaiting."""

    pool: AsyncConnectionPool[Any]
    prepare: bool
    ours: bool = True
    process: int = field(default_factory=os.getpid)

    @asynccontextmanager
    async def lend(self, timeout: float) -> AsyncIterator[AsyncConnection[Any]]:
        with lending(self.pool, self.process, timeout):
            connection = await self.pool.getconn(timeout)
        autocommit = connection.autocommit
        try:
            if not autocommit:
                await connection.set_autocommit(True)
            yield connection
        finally:
            if not connection.closed and connection.autocommit != autocommit:
                await connection.set_autocommit(autocommit)
            await self.pool.putconn(connection)


def require_transaction(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """A caller's connection carries a booking only inside a sound transaction of the caller's, outside pipeline mode."""
    status = connection.info.transaction_status
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        raise WrongTransaction(reason="the connection is in pipeline mode: leave the pipeline first")
    if status is TransactionStatus.INERROR:
        raise WrongTransaction(reason="the connection's transaction has failed: roll it back first")
    if connection.closed or status not in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
        raise WrongTransaction(reason="the connection is closed or busy")
    if status is TransactionStatus.IDLE and connection.autocommit:
        raise WrongTransaction(reason="the connection is in autocommit, outside a transaction: begin one, or use connect()")


@dataclass(frozen=True, slots=True)
class CallersConnection:
    """One connection of a caller's, in the caller's transaction. `find` gives it, its transaction begun as its owner would."""

    find: Callable[[], Connection[Any]]
    prepare: bool
    ours: bool = False

    @contextmanager
    def lend(self, timeout: float) -> Iterator[Connection[Any]]:
        connection = self.find()
        require_transaction(connection)
        yield connection


@dataclass(frozen=True, slots=True)
class CallersAsyncConnection:
    """The same, awaiting."""

    find: Callable[[], AsyncConnection[Any]]
    prepare: bool
    ours: bool = False

    @asynccontextmanager
    async def lend(self, timeout: float) -> AsyncIterator[AsyncConnection[Any]]:
        connection = self.find()
        require_transaction(connection)
        yield connection


def require_server(conninfo: str) -> None:
    """One connection, to say at once, and in the server's words, what is wrong."""
    try:
        psycopg.connect(conninfo).close()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=str(error).strip()) from None
