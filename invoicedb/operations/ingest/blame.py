"""A booking that the database refuses for a reason no plan could see: which lines are to blame, found by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from invoicedb.errors import RejectedByDatabase
from invoicedb.flights import Operation, Rejected
from invoicedb.models import FailedLine, Line

TRIALS = 64
"""At most so many trial flights: one line of 1,000 takes 20, three take about 50."""

Trial: TypeAlias = Callable[[Sequence[Line]], Operation[Rejected | None]]
"""Books some lines and undoes it: the rejection, or None where they can be booked."""


def find_rejected(lines: Sequence[Line], whole: Rejected, trial: Trial) -> Operation[dict[int, FailedLine]]:
    """The lines that can't be booked even alone, by number, as failed lines.

    Raises `whole`, the rejection of all of them, where no line fails alone or the trials run out.
    """
    found: dict[int, FailedLine] = {}
    suspects: list[tuple[Sequence[Line], Rejected]] = [(lines, whole)]
    trials = 0
    while suspects:
        group, rejection = suspects.pop()
        if len(group) == 1:
            found[group[0].line_number] = FailedLine.of(group[0], error_of(rejection))
            continue
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            trials += 1
            if trials > TRIALS:
                raise whole
            refused = yield from trial(half)
            if refused is not None:
                suspects.append((half, refused))
    if not found:
        raise whole
    return found


def error_of(rejection: Rejected) -> RejectedByDatabase:
    return RejectedByDatabase(sqlstate=rejection.sqlstate or "", constraint=rejection.constraint, reason=rejection.reason)
