"""The commands, put together."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from invoicedb.cli.catalog import catalog
from invoicedb.cli.credit import credit
from invoicedb.cli.demo import demo
from invoicedb.cli.dismiss import dismiss
from invoicedb.cli.exits import Commands
from invoicedb.cli.explain import explain
from invoicedb.cli.ingest import ingest
from invoicedb.cli.lock import lock
from invoicedb.cli.merge import merge, unmerge
from invoicedb.cli.migrate import migrate
from invoicedb.cli.preview import preview
from invoicedb.cli.prices import prices
from invoicedb.cli.purchases import purchases
from invoicedb.cli.replace import replace
from invoicedb.cli.retry import retry
from invoicedb.cli.review import review
from invoicedb.cli.stock import stock
from invoicedb.cli.tenant import tenant
from invoicedb.cli.vendors import merge_vendors, unmerge_vendor
from invoicedb.cli.verify import verify
from invoicedb.cli.void import void

app = typer.Typer(
    name="invoicedb",
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help without frames: it is read in pipes too
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    demo,
    migrate,
    ingest,
    preview,
    stock,
    prices,
    purchases,
    void,
    replace,
    retry,
    verify,
    explain,
    review,
    merge,
    unmerge,
    merge_vendors,
    unmerge_vendor,
    dismiss,
    credit,
    lock,
):
    app.command()(command)
for group in (catalog, tenant):
    app.add_typer(group)


@app.callback()
def invoicedb(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Vendor invoices into PostgreSQL: mapped, stocked and priced, each in one transaction.

    The database is the one of --dsn, else of DATABASE_URL, else of the PG* variables. `invoicedb demo` needs none.

    Exit codes: 0 all done, 1 some lines or invoices failed, 2 usage or bad input, 3 database not reachable.
    """
    if show_version:
        typer.echo(f"invoicedb {installed_version()}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def installed_version() -> str:
    try:
        return version("invoicedb")
    except PackageNotFoundError:
        return "from a checkout that is not installed"
