"""`invoicedb demo`."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID, uuid4

import typer

from invoicedb import connect
from invoicedb.cli.options import Json, Schema
from invoicedb.cli.screen import Screen
from invoicedb.cli.tour import take_tour
from invoicedb.cli.tour_screen import print_tour, show_tour

Directory: TypeAlias = Annotated[
    str, typer.Option("--directory", metavar="DIR", help="Where the embedded server keeps its data; made if missing.")
]
Server: TypeAlias = Annotated[
    str | None, typer.Option("--dsn", metavar="DSN", help="A database of yours instead; its tables are made or migrated.")
]
Tenant: TypeAlias = Annotated[
    UUID | None, typer.Option("--user", metavar="UUID", help="Whose invoices these are. Default: someone new at each run.")
]


def demo(
    *,
    directory: Directory = ".invoicedb-demo",
    user: Tenant = None,
    dsn: Server = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Book sample invoices into an embedded PostgreSQL, and show what came of them.

    The server's data stays in the directory, so that the second run starts at once and you can look around; delete it when
    you are done. With --json: one document.

    \b
    Example:  invoicedb demo
    """
    screen = Screen()
    place = dsn or f"embedded:{directory}"
    with screen.waiting("Starting PostgreSQL"):
        database = connect(place, schema=schema)
    with database:
        with screen.waiting("Making the tables"):
            database.migrate()
        tour = take_tour(database, user or uuid4(), quiet=as_json)
    if as_json:
        print_tour(tour)
    else:
        show_tour(screen, tour, dsn=place, schema=schema)
