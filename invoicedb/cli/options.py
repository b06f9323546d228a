"""The options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

import typer

from invoicedb import Calls, Database, Policy
from invoicedb.cli.exits import note

Dsn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--dsn",
        metavar="DSN",
        help="The database: postgresql://…, or embedded:DIRECTORY. Default: DATABASE_URL, else the PG* variables.",
    ),
]

Schema: TypeAlias = Annotated[
    str | None, typer.Option("--schema", metavar="NAME", help="Where the tables are. Default: the search path says.")
]

User: TypeAlias = Annotated[
    UUID,
    typer.Option("--user", metavar="UUID", envvar="INVOICEDB_USER_ID", help="Whose invoices, items and prices: the user_id."),
]

Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help='Print JSON. Quantities and money are exact decimal text, such as "34019.42775".')
]

DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Show what would become of it; write nothing.")]


def on_trial(database: Database, dry_run: bool) -> Calls:
    if not dry_run:
        return database
    note("dry run: nothing is written")
    return database.trial()


Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="At most N rows; says so if there are more. Default: all.")
]


class Strictness(StrEnum):
    WARN = "warn"
    REFUSE = "refuse"


class SpreadBy(StrEnum):
    VALUE = "value"
    QUANTITY = "quantity"


Totals: TypeAlias = Annotated[Strictness, typer.Option("--totals", help="A document that does not add up to its total.")]

ExcessReturns: TypeAlias = Annotated[Strictness, typer.Option("--excess-returns", help="More goods back than were bought.")]

Spread: TypeAlias = Annotated[
    SpreadBy | None,
    typer.Option("--spread", help="Make freight, charges and discounts part of what the goods cost. Default: not at all."),
]


def policy_of(totals: Strictness, excess_returns: Strictness, spread: SpreadBy | None) -> Policy:
    return Policy(totals=totals.value, excess_returns=excess_returns.value, spread=None if spread is None else spread.value)


Files: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="JSON, one invoice in each; - is standard input.", show_default=False),
]
