"""Drives an operation over connections that block. `run_async.py` is the same, awaiting: the only thing that is there twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import Connection, Error

from invoicedb.flights import (
    Deadline,
    Flight,
    FlightFailed,
    Landing,
    Operation,
    Result,
    failure_of,
    pause_after,
    require_committed,
    require_sendable,
)
from invoicedb.wire import Landed, cross, forgotten, is_clean, may_roll_back, roll_back


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
        """All of the flight's statements, one sync. A failure leaves the connection clean again, or closed."""
        require_sendable(flight)
        self.round_trips += 1
        landed = Landed({}, None)
        try:
            with connection.lock:
                landed = connection.wait(cross(connection, flight, prepare=self.connections.prepare))
        except Error as broken:
            landed = Landed({}, broken)
        if landed.error is None:
            require_committed(flight, landed.rows)
            return Landing(landed.rows, self.round_trips)
        undone = self.undo(connection)
        if undone and forgotten(connection, landed.error) and not self.connections.ours:
            return self.fly(connection, flight)
        failure = failure_of(landed.error, Landing(landed.rows, self.round_trips), lost=not undone)
        if failure.spoils_connection and self.connections.ours:
            connection.close()
        raise failure

    def undo(self, connection: Connection[Any]) -> bool:
        """Whether the connection is clean after a failed flight. Before BEGIN a failure leaves nothing to roll back."""
        if may_roll_back(connection):
            self.roll_back(connection)
        return is_clean(connection, ours=self.connections.ours)

    def leave_clean(self, connection: Connection[Any]) -> None:
        """Ends what an operation left open. An interrupted flight may have left anything: then the connection is closed."""
        if not self.connections.ours or is_clean(connection, ours=True):
            return
        if may_roll_back(connection):
            self.roll_back(connection)
        if not is_clean(connection, ours=True):
            connection.close()

    def roll_back(self, connection: Connection[Any]) -> None:
        self.round_trips += 1
        with suppress(Error), connection.lock:
            connection.wait(roll_back(connection.pgconn, ours=self.connections.ours))
