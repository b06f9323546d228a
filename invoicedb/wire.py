"""One flight over one libpq pipeline, as a generator that waits by yielding: one logic for connections that block or await.

It stands on `psycopg.pq`, beneath psycopg's cursors, for three reasons. A cursor costs the client as much as most of these
statements cost the server. psycopg forgets a prepared statement whose execution failed, the server does not: a connection would
hold one copy more of the bet for each one lost. And it answers the tag ROLLBACK by deallocating everything. Here a name is
known from when the server has confirmed its Parse, and as long as the connection lives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, Connection, Error, OperationalError, adapt
from psycopg.abc import PipelineCommand, PQGen, Transformer
from psycopg.adapt import PyFormat
from psycopg.errors import error_from_result
from psycopg.generators import execute, fetch_many, pipeline_communicate, send
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq import Format as PqFormat
from psycopg.pq.abc import PGconn, PGresult

from invoicedb.flights import Flight, Params, Statement, given

AnyConnection: TypeAlias = Connection[Any] | AsyncConnection[Any]
Dumped: TypeAlias = tuple[Any, int, Any]
"""A parameter's value, type and format, as libpq takes them."""

Key: TypeAlias = tuple[str, tuple[int, ...]]
"""What a prepared statement is known by: the statement's name and the types of its parameters."""

Names: TypeAlias = dict[Key, bytes]
"""The prepared statements of a connection, and their names on the server."""

PREPARED: WeakKeyDictionary[AnyConnection, Names] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Landed:
    """What came back: rows by statement, and the error at which the server skipped the rest.

    A statement that returns no rows has its command tag as its one row.
    """

    rows: Mapping[str, Sequence[tuple[Any, ...]]]
    error: Error | None


def name_on_server(name: str, types: Sequence[int]) -> bytes:
    """Of a prepared statement. The server cuts names at 63 bytes: the types, which may be many, are told by their hash."""
    digest = blake2b(repr(tuple(types)).encode(), digest_size=8).hexdigest()
    return f"invoicedb_{name[:36]}_{digest}".encode()


class Dumps(dict[str, Dumped]):
    """Parameters as libpq takes them: each is dumped when it is first asked for."""

    def __init__(self, values: Mapping[str, object], transformer: Transformer) -> None:
        self.values_of = values
        self.transformer = transformer

    def __missing__(self, name: str) -> Dumped:
        [text] = self.transformer.dump_sequence([self.values_of[name]], [PyFormat.AUTO])
        types, formats = self.transformer.types or (0,), self.transformer.formats or (PqFormat.TEXT,)
        dumped = self[name] = (text, types[0], formats[0])
        return dumped


@dataclass(slots=True)
class Crossing:
    """A flight on its way. `sent` is what was asked of the server, in order: each entry has one result."""

    connection: AnyConnection
    names: Names | None
    transformer: Transformer
    dumps: dict[int, Dumps] = field(default_factory=dict)
    sent: list[tuple[Statement[Any], tuple[Key, bytes] | None]] = field(default_factory=list)
    preparing: Names = field(default_factory=dict)

    @property
    def pgconn(self) -> PGconn:
        return self.connection.pgconn

    def send(self, statement: Statement[Any], params: Params) -> None:
        """Queue a statement; its parameters are made now, if they were not."""
        dumps = self.dumps_of(params)
        dumped = [dumps[name] for name in statement.parameters]
        texts, types, formats = [each[0] for each in dumped], [each[1] for each in dumped], [each[2] for each in dumped]
        if self.names is None or not statement.is_planned:
            self.pgconn.send_query_params(statement.text, texts, types, formats)
        else:
            self.pgconn.send_query_prepared(self.prepared(statement, types, self.names), texts, formats)
        self.sent.append((statement, None))

    def prepared(self, statement: Statement[Any], types: list[int], names: Names) -> bytes:
        """The statement's name on the server, which is asked to prepare it if it did not before, or earlier in this flight."""
        key = (statement.name, tuple(types))
        name = names.get(key) or self.preparing.get(key)
        if name is None:
            name = self.preparing[key] = name_on_server(statement.name, types)
            self.pgconn.send_prepare(name, statement.text, types)
            self.sent.append((statement, (key, name)))
        return name

    def dumps_of(self, params: Params) -> Dumps:
        """Statements that share their parameters share what these become. The flight keeps them, and so their ids, alive."""
        found = self.dumps.get(id(params))
        if found is None:
            found = self.dumps[id(params)] = Dumps(given(params), self.transformer)
        return found

    def land(self, results: Iterator[PGresult]) -> Landed:
        rows: dict[str, Sequence[tuple[Any, ...]]] = {}
        error: Error | None = None
        for (statement, prepared), result in zip(self.sent, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR and error is None:
                error = error_from_result(result, self.connection.info.encoding)
            elif prepared is not None and result.status == ExecStatus.COMMAND_OK and self.names is not None:
                self.names[prepared[0]] = prepared[1]
            elif result.status == ExecStatus.TUPLES_OK:
                self.transformer.set_pgresult(result)
                rows[statement.name] = self.transformer.load_rows(0, result.ntuples, tuple)
            elif result.status == ExecStatus.COMMAND_OK:
                rows[statement.name] = [(result.command_status,)]
        return Landed(rows, error)


def cross(connection: AnyConnection, flight: Flight, *, prepare: bool) -> PQGen[Landed]:
    """Send all of the flight's statements, sync once, and bring back what the server answered. Raises where it does not."""
    crossing = Crossing(connection, PREPARED.setdefault(connection, {}) if prepare else None, adapt.Transformer(connection))
    pgconn = connection.pgconn
    commands = deque[PipelineCommand](partial(crossing.send, statement, params) for statement, params in flight.calls)
    commands.append(pgconn.pipeline_sync)
    if pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
        commands.appendleft(partial(crossing.send, Statement("begin", begin_of(connection), tuple), {}))
    pgconn.enter_pipeline_mode()
    results = yield from pipeline_communicate(pgconn, commands)
    yield from send(pgconn)  # the end of a long invoice may still be here
    while not results or results[-1][0].status != ExecStatus.PIPELINE_SYNC:
        fetched = yield from fetch_many(pgconn)
        if not fetched:
            raise OperationalError("the connection ended inside a flight")
        results.append(fetched)
    pgconn.exit_pipeline_mode()
    return crossing.land(each for [each] in results[:-1])


def forgotten(connection: AnyConnection, error: Error) -> bool:
    """Whether the server no longer has what was prepared, as after a rollback of the caller's by psycopg. We forget it too."""
    gone = error.sqlstate == "26000"
    if gone:
        PREPARED.pop(connection, None)
    return gone


def begin_of(connection: AnyConnection) -> str:
    """What psycopg would begin a transaction of the caller's with."""
    level, read_only, deferrable = connection.isolation_level, connection.read_only, connection.deferrable
    parts = ["BEGIN"]
    if level is not None:
        parts.append(f"ISOLATION LEVEL {level.name.replace('_', ' ')}")
    if read_only is not None:
        parts.append("READ ONLY" if read_only else "READ WRITE")
    if deferrable is not None:
        parts.append("DEFERRABLE" if deferrable else "NOT DEFERRABLE")
    return " ".join(parts)


def roll_back(pgconn: PGconn, *, ours: bool) -> PQGen[None]:
    """Undo a failed flight: a transaction of ours, or what a caller's holds since our savepoint."""
    pgconn.send_query(b"ROLLBACK" if ours else b"ROLLBACK TO SAVEPOINT invoicedb; RELEASE SAVEPOINT invoicedb")
    yield from execute(pgconn)


def is_clean(connection: AnyConnection, *, ours: bool) -> bool:
    """Whether the connection can carry another flight: idle, or in a caller's transaction, and out of pipeline mode."""
    clean = (TransactionStatus.IDLE,) if ours else (TransactionStatus.IDLE, TransactionStatus.INTRANS)
    return connection.info.transaction_status in clean and connection.pgconn.pipeline_status == PipelineStatus.OFF


def may_roll_back(connection: AnyConnection) -> bool:
    open_or_failed = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
    return connection.info.transaction_status in open_or_failed and connection.pgconn.pipeline_status == PipelineStatus.OFF
