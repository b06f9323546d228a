"""What an operation is handed by whoever calls it: ids, the clock, the policy, and what stands around its flights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from invoicedb.flights import Deadline, Flight, FlightFailed, Moved, Operation, Statement, Undone, flight
from invoicedb.models import Policy
from invoicedb.sql import SQL

PLANS = 3
"""How often something is planned on a catalog that others move, before it is planned for the last time."""

RIGHTS = frozenset({"override_period_lock"})
"""What not everybody may who can connect: to book and change what lies in a locked period."""


def nothing(*_: Any) -> None:
    """The row of a statement whose answer nobody reads."""


def silent(name: str) -> Statement[None]:
    return Statement(name, SQL[name], nothing)


SEARCH_PATH = silent("search_path")
SETTINGS = silent("settings")
SETTINGS_OF_CALLER = silent("settings_of_caller")
RESTORE_SETTINGS = silent("restore_settings")
BEGIN = silent("begin")
SAVEPOINT = silent("savepoint")
RELEASE = silent("release")
SETTLE_CONSTRAINTS = silent("settle_constraints")
UNDO = silent("undo")
COMMIT = silent("commit")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a flight's own statements.

    `opening` comes before the settings, `begin` before the first write, `end` last; `leave` ends a flight that only read.
    """

    opening: tuple[Statement[None], ...]
    settings: Statement[None]
    begin: tuple[Statement[None], ...]
    end: tuple[Statement[None], ...]
    leave: tuple[Statement[None], ...] = ()
    may_plan_again: bool = True


T = TypeVar("T")


def landed(operation: Operation[T]) -> Operation[T]:
    """The same operation, to which the regular end of a preview is a landing as any other."""
    step: Callable[[], Flight] = partial(next, operation)
    while True:
        try:
            wanted = step()
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            landing = yield wanted
        except Undone as end:
            step = partial(operation.send, end.landing)
        except FlightFailed as failure:
            step = partial(operation.throw, failure)
        else:
            step = partial(operation.send, landing)


def planned_again(attempt: Callable[[Call], Operation[T]], call: Call, *, after: type[FlightFailed] = Moved) -> Operation[T]:
    """The operation, made anew where something has changed meanwhile; in a caller's transaction only once."""
    for _ in range(PLANS if call.frame.may_plan_again else 0):
        with suppress(after):
            return (yield from attempt(call))
    return (yield from attempt(call))


TRANSACTION = Frame((), SETTINGS, (BEGIN,), (COMMIT,))
"""A transaction of our own. BEGIN follows the look-ups: what they share is the implicit transaction that it makes explicit.

A deferred constraint of the user's own speaks in COMMIT, which then undoes everything as any other failing statement does.
"""

PREVIEW = Frame((), SETTINGS, (), (SETTLE_CONSTRAINTS, UNDO))
"""The same flights, undone by their last statement, before which deferred constraints speak: there is no COMMIT to do it."""

UNDER_LOCK = Frame((), SETTINGS, (), (COMMIT,))
"""The end of a transaction that a flight before has begun."""

CALLER_END = (RESTORE_SETTINGS, RELEASE)
CALLER = Frame((SAVEPOINT,), SETTINGS_OF_CALLER, (), CALLER_END, CALLER_END, may_plan_again=False)
"""In a caller's transaction: a savepoint is all that is ours."""

CALLER_PREVIEW = Frame((SAVEPOINT,), SETTINGS_OF_CALLER, (), (UNDO,), CALLER_END, may_plan_again=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the library. `rights` are those of `RIGHTS` that its caller has, separated by commas.

    `new_id` makes the id of a new row from what the row is for; `now` is the time that rows are stamped with; `seconds` is a
    clock that measures how long the call took.
    """

    user_id: UUID
    frame: Frame
    policy: Policy
    new_id: Callable[[str], UUID]
    now: datetime
    seconds: Callable[[], float]
    schema: str | None
    deadline: Deadline
    rights: str = ""

    def opened(self, lines: str = "[]") -> Flight:
        """The head of every flight: the tenant, the planner's settings and the lines, before anything else is asked."""
        opening = flight(*self.frame.opening)
        if self.schema is not None:
            opening = opening + flight(SEARCH_PATH, schema=self.schema)
        timeout = self.deadline.statement_ms()
        return opening + flight(self.frame.settings, user_id=self.user_id, lines=lines, timeout_ms=timeout, rights=self.rights)

    def within(self, frame: Frame) -> Call:
        return replace(self, frame=frame)
