"""`run_sync.py`, awaiting. Whatever is decided is decided in `flights.py` and `wire.py`; this is what is there twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection, Error

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


class AsyncConnections(Protocol):
    """Where a runner gets its connections: a pool, or the one connection of a caller."""

    @property
    def prepare(self) -> bool:
        """Whether statements are prepared on the server: all of them, or none."""

    @property
    def ours(self) -> bool:
        """Whether transactions are ours to begin and end. A caller's are neither retried nor cleaned up."""

    def lend(self, timeout: float) -> AbstractAsyncContextManager[AsyncConnection[Any]]: ...


@dataclass(slots=True)
class AsyncRunner:
    """One call of the library: it counts its round trips, whatever becomes of connections and plans on the way."""

    connections: AsyncConnections
    deadline: Deadline
    round_trips: int = 0
    starts: int = 0

    async def run(self, make: Callable[[], Operation[Result]]) -> Result:
        """The operation's result. After a lost connection or a deadlock the whole operation starts again, as made anew."""
        while True:
            self.starts += 1
            try:
                async with self.connections.lend(self.deadline.remaining()) as connection:
                    return await self.drive(connection, make())
            except FlightFailed as failure:
                pause = pause_after(failure, self.starts, self.deadline, ours=self.connections.ours)
                if pause is None:
                    raise failure.for_user(self.starts) from failure
                await asyncio.sleep(pause)

    async def drive(self, connection: AsyncConnection[Any], operation: Operation[Result]) -> Result:
        try:
            flight = next(operation)
            while True:
                try:
                    landing = await self.fly(connection, flight)
                except FlightFailed as failure:
                    flight = operation.throw(failure)
                else:
                    flight = operation.send(landing)
        except StopIteration as end:
            result: Result = end.value
            return result
        finally:
            await self.leave_clean(connection)

    async def fly(self, connection: AsyncConnection[Any], flight: Flight) -> Landing:
        """All of the flight's statements, one sync. A failure leaves the connection clean again, or closed."""
        require_sendable(flight)
        self.round_trips += 1
        landed = Landed({}, None)
        try:
            async with connection.lock:
                landed = await connection.wait(cross(connection, flight, prepare=self.connections.prepare))
        except Error as broken:
            landed = Landed({}, broken)
        if landed.error is None:
            require_committed(flight, landed.rows)
            return Landing(landed.rows, self.round_trips)
        undone = await self.undo(connection)
        if undone and forgotten(connection, landed.error) and not self.connections.ours:
            return await self.fly(connection, flight)
        failure = failure_of(landed.error, Landing(landed.rows, self.round_trips), lost=not undone)
        if failure.spoils_connection and self.connections.ours:
            await connection.close()
        raise failure

    async def undo(self, connection: AsyncConnection[Any]) -> bool:
        """Whether the connection is clean after a failed flight. Before BEGIN a failure leaves nothing to roll back."""
        if may_roll_back(connection):
            await self.roll_back(connection)
        return is_clean(connection, ours=self.connections.ours)

    async def leave_clean(self, connection: AsyncConnection[Any]) -> None:
        """Ends what an operation left open. An interrupted flight may have left anything: then the connection is closed."""
        if not self.connections.ours or is_clean(connection, ours=True):
            return
        if may_roll_back(connection):
            await self.roll_back(connection)
        if not is_clean(connection, ours=True):
            await connection.close()

    async def roll_back(self, connection: AsyncConnection[Any]) -> None:
        self.round_trips += 1
        with suppress(Error):
            async with connection.lock:
                await connection.wait(roll_back(connection.pgconn, ours=self.connections.ours))
