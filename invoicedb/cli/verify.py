"""`invoicedb verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.exits import ExitCode
from invoicedb.cli.options import Dsn, Json, Schema, User
from invoicedb.cli.screen import Screen
from invoicedb.cli.text import counted
from invoicedb.results import Difference

Repair: TypeAlias = Annotated[
    bool, typer.Option("--repair", help="Mend what differs, each page in a transaction of its own, and say what was mended.")
]


def verify(*, user: User, repair: Repair = False, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """Compare stock, last purchases, prices and totals with the documents that they come from.

    A line for each difference, as it is found; bookings may go on meanwhile. Exit code 1 if there are any that were not
    repaired. With --json: one document a line.

    \b
    Example:  invoicedb verify --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        show = shown_as_json if as_json else shown
        told = Counter(each.repaired for each in show(database.verify(user, repair=repair)))
    if not as_json:
        Screen().line(summary(told))
    raise typer.Exit(ExitCode.FAILED if told[False] else ExitCode.DONE)


def shown_as_json(found: Iterable[Difference]) -> Iterator[Difference]:
    for each in found:
        print(json_text(each), flush=True)
        yield each


def shown(found: Iterable[Difference]) -> Iterator[Difference]:
    screen = Screen()
    for each in found:
        screen.line(str(each))
        yield each


def summary(told: Counter[bool]) -> str:
    if not told:
        return "No differences."
    return f"{counted(told.total(), 'difference')}, {told[True]} repaired."
