"""`invoicedb catalog abbreviations`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from invoicedb import connect
from invoicedb.cli.as_json import json_text, print_list
from invoicedb.cli.exits import ExitCode, note
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table

abbreviations = typer.Typer(name="abbreviations", help="What this user's vendors write short.", rich_markup_mode=None)

ABBREVIATIONS = (Column("abbreviation"), Column("stands for"))

Short: TypeAlias = Annotated[str, typer.Argument(metavar="ABBREVIATION", help="Such as KDS.")]
Long: TypeAlias = Annotated[str, typer.Argument(metavar="WORDS", help="What it stands for, such as CHILDRENS.")]


@abbreviations.command("list")
def list_them(*, user: User, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """List this user's own abbreviations; the built-in ones are not among them. With --json: one list.

    \b
    Example:  invoicedb catalog abbreviations list --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        found = database.abbreviations(user)
    if as_json:
        print_list(found)
    elif found:
        Screen().table(Table("", ABBREVIATIONS, [(each.abbreviation, each.expansion) for each in found]))
    else:
        Screen().line("No abbreviations of this user's own.")


@abbreviations.command("set")
def set_one(
    abbreviation: Short,
    expansion: Long,
    *,
    user: User,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Say what an abbreviation stands for. It goes before the built-in ones. With --json: one document.

    \b
    Example:  invoicedb catalog abbreviations set KDS CHILDRENS --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        kept = on_trial(database, dry_run).set_abbreviation(user, abbreviation, expansion)
    if as_json:
        print(json_text(kept))
    else:
        Screen().line(f"{kept.abbreviation} stands for {kept.expansion}.")


@abbreviations.command("remove")
def remove_one(
    abbreviation: Short, *, user: User, dry_run: DryRun = False, dsn: Dsn = None, schema: Schema = None, as_json: Json = False
) -> None:
    """Forget an abbreviation. Ends with 2 where there is none. With --json: one document.

    \b
    Example:  invoicedb catalog abbreviations remove KDS --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        was_there = on_trial(database, dry_run).remove_abbreviation(user, abbreviation)
    if not was_there:
        note(f"no abbreviation {abbreviation!r} of this user's")
        raise typer.Exit(ExitCode.BAD_INPUT)
    if as_json:
        print(json_text({"abbreviation": abbreviation, "removed": True}))
    else:
        Screen().line(f"{abbreviation} {'would be' if dry_run else 'is'} forgotten.")
