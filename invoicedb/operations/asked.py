"""What a list is asked for, judged before anything is sent: how many rows, of which days, of which status."""

from __future__ import annotations

from datetime import date, datetime

from invoicedb.domain.head import FIRST_DATE, LAST_DATE
from invoicedb.results import Status

MOST_ROWS = 2**63 - 1
"""What the server's LIMIT can hold."""


def row_count(asked: object, *, name: str = "limit") -> int:
    """Raises ValueError for what is no number of rows."""
    if not isinstance(asked, int) or isinstance(asked, bool) or not 1 <= asked <= MOST_ROWS:
        raise ValueError(f"{name} is a number of rows, at least 1 and at most {MOST_ROWS}, not {asked!r}")
    return asked


def period(since: object, until: object) -> dict[str, date]:
    """Both days, the first and the last there is where None was asked for. Raises ValueError for what is no day."""
    return {"since": day(since, FIRST_DATE, name="since"), "until": day(until, LAST_DATE, name="until")}


def day(asked: object, default: date, *, name: str) -> date:
    if asked is None:
        return default
    if not isinstance(asked, date) or isinstance(asked, datetime):
        raise ValueError(f"{name} is a datetime.date, not {asked!r}")
    return asked


def status_or_none(asked: object) -> str | None:
    """Raises ValueError for what no invoice ever is: an empty list would say that there is none of it now."""
    if asked is not None and asked not in list(Status):
        raise ValueError(f"status is {', '.join(Status)}, not {asked!r}")
    return None if asked is None else str(asked)
