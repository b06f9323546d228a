"""`invoicedb retry`."""

from __future__ import annotations

import typer

from invoicedb import Policy, connect
from invoicedb.cli.booking import Booked
from invoicedb.cli.options import DryRun, Dsn, ExcessReturns, Json, Schema, Strictness, User, on_trial
from invoicedb.cli.reports import JsonLines, Tables
from invoicedb.cli.screen import Screen
from invoicedb.cli.void import InvoiceId


def retry(
    invoice_id: InvoiceId,
    *,
    user: User,
    excess_returns: ExcessReturns = Strictness.WARN,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Book the failed lines of an invoice, as they were sent, after their cause is mended elsewhere.

    The other lines stay as they are, and what was spread over the goods stays so. Ends with 1 if a line fails again.

    \b
    Example:  invoicedb retry 0192f0c1-… --user 6f1c…
    """
    with connect(dsn, schema=schema, policy=Policy(excess_returns=excess_returns.value)) as database:
        done = Booked(str(invoice_id), on_trial(database, dry_run).retry_failed(user, invoice_id))
    report = JsonLines() if as_json else Tables(Screen(), title="Retried")
    report.add(done)
    report.close()
    raise typer.Exit(done.exit_code)
