"""Drives an operation over a psycopg pipeline. `run_async.py` is the same, awaiting: the only thing that is there twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import Connection, Cursor, Error
from psycopg.rows import tuple_row

from invoicedb.flights import (
    Deadline,
    Flight,
    FlightFailed,
    Landing,
    Operation,
    Result,
    failure_of,
    first_error,
    given,
    has_rows,
    is_clean,
    may_roll_back,
    pause_after,
    require_committed,
    roll_back,
    rows_of,
)


class Connections(Protocol):
    """Where a runner gets its connections: a pool, or the one connection of a caller."""

    @property
    def prepare(self) -> bool:
        """Whether statements are prepared on the server: all of them, or none."""

    @property
    def ours(self) -> bool:
        """Whether transactions are ours to begin and end. A caller's are neither retried nor cleaned up."""

    def lend(self, timeout: float) -> AbstractContextManager[Connection[Any]]: ...


@dataclass(slots=True)
class Runner:
    """One call of the library: it counts its round trips, whatever becomes of connections and plans on the way."""

    connections: Connections
    deadline: Deadline
    round_trips: int = 0
    starts: int = 0

    def run(self, make: Callable[[], Operation[Result]]) -> Result:
        """The operation's result. After a lost connection or a deadlock the whole operation starts again, as made anew."""
        while True:
            self.starts += 1
            try:
                with self.connections.lend(self.deadline.remaining()) as connection:
                    return self.drive(connection, make())
            except FlightFailed as failure:
                pause = pause_after(failure, self.starts, self.deadline, ours=self.connections.ours)
                if pause is None:
                    raise failure.for_user(self.starts) from failure
                time.sleep(pause)

    def drive(self, connection: Connection[Any], operation: Operation[Result]) -> Result:
        try:
            flight = next(operation)
            while True:
                try:
                    landing = self.fly(connection, flight)
                except FlightFailed as failure:
                    flight = operation.throw(failure)
                else:
                    flight = operation.send(landing)
        except StopIteration as end:
            result: Result = end.value
            return result
        finally:
            self.leave_clean(connection)

    def fly(self, connection: Connection[Any], flight: Flight) -> Landing:
        """All of the flight's statements, one sync. On a fast connection a failure shows while sending, else at the sync."""
        cursors: list[Cursor[Any]] = []
        errors: list[Error] = []
        self.round_trips += 1
        try:
            with connection.pipeline():
                try:
                    for statement, params in flight.calls:
                        cursors.append(connection.cursor(row_factory=tuple_row))
                        cursors[-1].execute(statement.sql, given(params), prepare=self.connections.prepare)
                except Error as error:
                    errors.append(error)
        except Error as error:
            errors.append(error)
        raw = rows_of(flight, [cursor.fetchall() if has_rows(cursor) else None for cursor in cursors])
        if not errors:
            require_committed(flight, cursors[-1].statusmessage)
            return Landing(raw, self.round_trips)
        undone = self.undo(connection)
        failure = failure_of(first_error(errors), Landing(raw, self.round_trips), lost=not undone)
        if failure.spoils_connection and self.connections.ours:
            connection.close()
        raise failure

    def undo(self, connection: Connection[Any]) -> bool:
        """Whether the connection is clean after a failed flight. Before BEGIN a failure leaves nothing to roll back."""
        if may_roll_back(connection):
            self.roll_back(connection)
        return is_clean(connection, ours=self.connections.ours)

    def roll_back(self, connection: Connection[Any]) -> None:
        self.round_trips += 1
        with suppress(Error), connection.lock:
            connection.wait(roll_back(connection.pgconn, ours=self.connections.ours))

    def leave_clean(self, connection: Connection[Any]) -> None:
        """Ends what an operation left open. An interrupted flight may have left anything: then the connection is closed."""
        if not self.connections.ours or is_clean(connection, ours=True):
            return
        if may_roll_back(connection):
            self.roll_back(connection)
        if not is_clean(connection, ours=True):
            connection.close()
