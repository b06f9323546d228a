"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

import typer

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

Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="At most N rows; says so if there are more. Default: all.")
]

Files: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="JSON, one invoice in each; - is standard input.", show_default=False),
]
