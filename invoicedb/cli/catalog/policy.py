"""`invoicedb catalog policy`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeAlias

import typer

from invoicedb import MatchingPolicy, connect
from invoicedb.cli.as_json import json_text
from invoicedb.cli.options import DryRun, Dsn, Json, Schema, User, on_trial
from invoicedb.cli.screen import Column, Screen, Table

policy = typer.Typer(name="policy", help="What was decided about matching.", rich_markup_mode=None)

POLICY = (Column("rule"), Column("is"))
DATABASES_OWN = "default"

Bar: TypeAlias = Annotated[
    str | None, typer.Option(metavar="0..1", help=f"How alike a description must be; `{DATABASES_OWN}`: that of the database.")
]
NeverCreate: TypeAlias = Annotated[
    bool | None, typer.Option("--never-create/--create", help="A line that matches no item fails, or makes one.")
]
ReviewEverything: TypeAlias = Annotated[
    bool | None, typer.Option("--review-everything/--review-doubts", help="Who looks at matches that are beyond doubt.")
]


@policy.command()
def show(*, user: User, dsn: Dsn = None, schema: Schema = None, as_json: Json = False) -> None:
    """Show what this user has decided about matching. With --json: one document.

    \b
    Example:  invoicedb catalog policy show --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        show_policy(database.matching_policy(user), as_json=as_json)


@policy.command("set")
def set_some(
    *,
    user: User,
    fuzzy_auto: Bar = None,
    fuzzy_review: Bar = None,
    never_create: NeverCreate = None,
    review_everything: ReviewEverything = None,
    dry_run: DryRun = False,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Decide about matching, for every invoice from now on. What is not named stays. With --json: one document.

    \b
    Example:  invoicedb catalog policy set --fuzzy-auto 0.95 --never-create --user 6f1c…
    """
    with connect(dsn, schema=schema) as database:
        now = database.matching_policy(user)
        chosen = MatchingPolicy(
            fuzzy_auto=now.fuzzy_auto if fuzzy_auto is None else bar_of(fuzzy_auto, "--fuzzy-auto"),
            fuzzy_review=now.fuzzy_review if fuzzy_review is None else bar_of(fuzzy_review, "--fuzzy-review"),
            never_create=now.never_create if never_create is None else never_create,
            review_everything=now.review_everything if review_everything is None else review_everything,
        )
        show_policy(on_trial(database, dry_run).set_matching_policy(user, chosen), as_json=as_json)


def bar_of(text: str, option: str) -> Decimal | None:
    try:
        return None if text == DATABASES_OWN else Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number from 0 to 1, nor {DATABASES_OWN}", param_hint=option) from None


def show_policy(chosen: MatchingPolicy, *, as_json: bool) -> None:
    if as_json:
        print(json_text(chosen))
        return
    bars = (("fuzzy_auto", chosen.fuzzy_auto), ("fuzzy_review", chosen.fuzzy_review))
    flags = (("never_create", chosen.never_create), ("review_everything", chosen.review_everything))
    rows = [(name, DATABASES_OWN if bar is None else bar) for name, bar in bars]
    Screen().table(Table("", POLICY, [*rows, *((name, "yes" if flag else "no") for name, flag in flags)]))
