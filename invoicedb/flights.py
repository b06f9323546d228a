"""The wire, as values: what is sent together, what came back, what can go wrong. `wire.py` and the two runners make it so.

A flight is a tuple of statements that are sent in one pipeline with one sync, and so cost one network round trip. An operation
is a generator that yields flights; a runner flies them and sends each landing, or throws each failure, back in.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import uniform
from typing import Any, Generic, TypeAlias, TypeVar

from psycopg import Error

from invoicedb.errors import (
    Busy,
    InvalidText,
    InvoicedbError,
    OutcomeUnknown,
    PeriodLocked,
    RejectedInvoice,
    SchemaOutdated,
    TimedOut,
    WrongTransaction,
)

Row = TypeVar("Row")
Result = TypeVar("Result")
Params: TypeAlias = Mapping[str, object] | Callable[[], Mapping[str, object]]
"""A statement's parameters, or what makes them when it is their turn: the server is busy with the statements before it."""


@dataclass(frozen=True, slots=True)
class Statement(Generic[Row]):
    """Constant SQL under its name, and the type that one of its rows becomes.

    `text` is the SQL as the server takes it, with $1 for the first of `parameters`, and so on. `is_planned`: not so a BEGIN or
    a SAVEPOINT; those are never prepared, for what has to be undone must not fail itself when preparations are gone.
    """

    name: str
    sql: str
    row: Callable[..., Row]
    text: bytes = field(init=False)
    parameters: tuple[str, ...] = field(init=False)
    is_planned: bool = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(dict.fromkeys(PARAMETER.findall(self.sql)))
        numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", self.sql)
        object.__setattr__(self, "text", numbered.encode())
        object.__setattr__(self, "parameters", names)
        object.__setattr__(self, "is_planned", self.sql.split()[0] in PLANNED)


PLANNED = frozenset({"SELECT", "INSERT", "UPDATE", "WITH"})
PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Flight:
    """Statements sent in one pipeline with one sync: one network round trip. `a + b` is one longer flight."""

    calls: tuple[tuple[Statement[Any], Params], ...]

    def __add__(self, other: Flight) -> Flight:
        return Flight(self.calls + other.calls)


def given(params: Params) -> Mapping[str, object]:
    """The parameters, made now if they were not."""
    return params() if callable(params) else params


def flight(*statements: Statement[Any], **params: object) -> Flight:
    """A flight of statements that share their parameters."""
    return Flight(tuple((statement, params) for statement in statements))


@dataclass(frozen=True, slots=True)
class Landing:
    """The rows that came back, by the statement's name; after a failure, those of the statements before it.

    `round_trips` counts how often the client has waited for the server since the operation was first started.
    """

    raw: Mapping[str, Sequence[tuple[Any, ...]]]
    round_trips: int

    def rows(self, statement: Statement[Row]) -> list[Row]:
        """The statement's rows; none where it returned none or was never reached."""
        return [statement.row(*values) for values in self.raw.get(statement.name, ())]


def require_sendable(flight: Flight) -> None:
    """Before anything is sent: what fails to become a parameter in a pipeline's midst takes the connection with it.

    Raises InvalidText for a text with a NUL character, or half of one.
    """
    for params in {id(params): params for _, params in flight.calls if not callable(params)}.values():
        for name, value in params.items():
            if isinstance(value, str) and ("\0" in value or not (value.isascii() or is_text(value))):
                raise InvalidText(field=name, reason="holds a NUL character, or half of a character: this is no text")


def is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


Operation: TypeAlias = Generator[Flight, Landing, Result]


# ---- what can go wrong ---------------------------------------------------------------------------


def require_committed(flight: Flight, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """COMMIT of a failed transaction is no error to the server: it answers ROLLBACK."""
    if flight.calls[-1][0].name == "commit" and rows["commit"] != [(b"COMMIT",)]:
        raise AssertionError(f"COMMIT was answered with {rows['commit']}")


@dataclass(slots=True)
class FlightFailed(Exception):
    """A statement failed; nothing of its transaction remains, and the connection is clean again or closed."""

    sqlstate: str | None
    constraint: str | None
    reason: str
    landing: Landing

    def __str__(self) -> str:
        return f"{self.reason} ({self.constraint or self.sqlstate or 'no SQLSTATE'})"

    @property
    def spoils_connection(self) -> bool:
        """Whether the connection is closed rather than used again."""
        return isinstance(self, ConnectionLost)

    def for_user(self, attempts: int) -> InvoicedbError:
        """The error that a user meets when the operation does not deal with this failure."""
        if self.sqlstate is not None and self.sqlstate[:2] == "42":
            return SchemaOutdated(reason=self.reason)
        return RejectedInvoice(sqlstate=self.sqlstate or "", constraint=self.constraint, reason=self.reason)


class BetLost(FlightFailed):
    """Not every line is known, or the invoice is not new. Nothing was written; the look-ups' rows are in hand."""


class Undone(FlightFailed):
    """The regular end of a preview. Nothing was written; the rows are in hand."""


class Moved(FlightFailed):
    """What the plan was made from has changed meanwhile: look up and plan again."""

    def for_user(self, attempts: int) -> InvoicedbError:
        return Busy(attempts=attempts, reason=self.reason)


class Rejected(FlightFailed):
    """A value or a constraint (SQLSTATE 22xxx, 23xxx) that no plan could see: a line may be to blame."""


class Refused(FlightFailed):
    """What is to be booked is against a policy. Nothing was written; the rows that say why are in hand."""


class PeriodIsLocked(FlightFailed):
    """What is to be booked or changed lies before the day that the tenant's period is locked at. `reason` is that day."""

    def for_user(self, attempts: int) -> InvoicedbError:
        return PeriodLocked(locked_before=date.fromisoformat(self.reason))


class WrongIsolation(FlightFailed):
    """The connection's transactions are not READ COMMITTED. `reason` is the level found."""

    def for_user(self, attempts: int) -> InvoicedbError:
        return WrongTransaction(
            reason=f"bookings need READ COMMITTED, this transaction is {self.reason.upper()}, where a vendor's lock proves "
            "nothing: set the level where the connection is made"
        )


class Cancelled(FlightFailed):
    """A statement ran into its time limit, or somebody cancelled it."""

    def for_user(self, attempts: int) -> InvoicedbError:
        return TimedOut(reason=self.reason)


class Retryable(FlightFailed):
    """Worth starting the whole operation again, from a fresh look-up."""


class Contention(Retryable):
    """A deadlock, a serialisation failure, a lock that was not to be had."""

    def for_user(self, attempts: int) -> InvoicedbError:
        return Busy(attempts=attempts, reason=self.reason)


class ConnectionLost(Retryable):
    """The connection broke. Whether the flight committed is unknown until the next look-up."""

    def for_user(self, attempts: int) -> InvoicedbError:
        if self.sqlstate == "25006":
            return WrongTransaction(reason=f"nothing can be written here ({self.reason}): connect to the primary, read-write")
        return OutcomeUnknown(attempts=attempts, reason=self.reason)


BY_SQLSTATE: Mapping[str, type[FlightFailed]] = {
    "IV001": BetLost,
    "IV002": Moved,
    "IV004": Undone,
    "IV005": WrongIsolation,
    "IV006": Refused,
    "IV007": PeriodIsLocked,
    "40001": Contention,
    "40P01": Contention,
    "55P03": Contention,
    "57014": Cancelled,
    "26000": ConnectionLost,  # what was prepared is gone, or another client's behind a pooler: as good as lost, it is closed
    "42P05": ConnectionLost,
    "25006": ConnectionLost,  # a read-only server: the next connection may reach the one that is not
}

OWN_KEYS = frozenset(
    {
        "catalogs_pkey",
        "inventory_items_pkey",
        "inventory_transactions_pkey",
        "invoice_lines_booked_or_failed",
        "invoice_lines_pkey",
        "invoices_number",
        "invoices_pkey",
        "invoices_posting_sequence",
        "price_history_pkey",
        "vendor_item_mappings_pkey",
        "vendors_name",
        "vendors_pkey",
    }
)
"""Constraints that only somebody else's booking can violate: a key was taken, or a mapping gone, since the look-up."""


def failure_of(error: Error, landing: Landing, *, lost: bool) -> FlightFailed:
    """What `error` means for the operation. `lost`: the connection did not come through; then a SQLSTATE is mostly missing."""
    sqlstate, constraint = error.sqlstate, error.diag.constraint_name
    reason = error.diag.message_primary or str(error).strip()
    if sqlstate is not None and sqlstate in BY_SQLSTATE:
        kind = BY_SQLSTATE[sqlstate]
    elif lost:
        kind = ConnectionLost
    elif constraint in OWN_KEYS:
        kind = Moved
    elif sqlstate is not None and sqlstate[:2] in ("22", "23"):
        kind = Rejected
    else:
        kind = FlightFailed
    return kind(sqlstate, constraint, reason, landing)


# ---- starting again ------------------------------------------------------------------------------

LONGEST_SECONDS = 2_000_000.0
"""What the server's statement_timeout can hold, three weeks: a longer `timeout=` is as good as this."""

RETRY_SECONDS = 10.0
"""How long an operation is started again when the caller gives no `timeout=`."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a call's time. `seconds` is what the caller allowed, None for no limit of statements."""

    seconds: float | None
    at: float

    @classmethod
    def after(cls, seconds: float | None) -> Deadline:
        if seconds is not None and not seconds > 0:
            raise ValueError(f"timeout must be a positive number of seconds, not {seconds}")
        allowed = None if seconds is None else min(seconds, LONGEST_SECONDS)
        return cls(allowed, time.monotonic() + (RETRY_SECONDS if allowed is None else allowed))

    def remaining(self) -> float:
        return max(self.at - time.monotonic(), 0.0)

    def statement_ms(self) -> str | None:
        """What each statement may take, for the server; None where the caller set no limit."""
        return None if self.seconds is None else str(max(int(self.remaining() * 1000), 1))


PAUSES = (0.0, 0.03, 0.06, 0.12)
"""Seconds before each new start of an operation, give or take a third: others' retries must not keep in step."""


def pause_after(failure: FlightFailed, starts: int, deadline: Deadline, *, ours: bool) -> float | None:
    """Seconds to wait before the operation is started again, or None where the failure is final or it is time to give up."""
    if not isinstance(failure, Retryable) or not ours or starts > len(PAUSES) or deadline.remaining() <= 0:
        return None
    return PAUSES[starts - 1] * uniform(0.67, 1.33)  # noqa: S311 - jitter, nothing secret
