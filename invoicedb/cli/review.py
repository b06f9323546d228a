"""`invoicedb review`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, TypeAlias
from urllib.parse import quote, unquote
from uuid import UUID

import typer

from invoicedb import Database, connect
from invoicedb.cli.as_json import json_text, print_list
from invoicedb.cli.options import DryRun, Dsn, Json, Limit, Schema, User
from invoicedb.cli.paging import PAGE, limited, paged
from invoicedb.cli.screen import Column, Screen, Table, amounts, counts, quantities
from invoicedb.cli.text import counted
from invoicedb.cli.void import MOVEMENTS, movement_row
from invoicedb.errors import DecisionConflict, ItemMerged, ItemNotFound, LineError
from invoicedb.results import DecisionResult, ReviewCase, to_plain

CASES = (
    Column("case"),
    Column("vendor"),
    Column("description"),
    Column("pack"),
    Column("matched to"),
    quantities("score"),
    counts("lines"),
    amounts("money"),
    Column("currency"),
)

CASE_FORM = "VENDOR_ID/ITEM_KEY/PACK_KEY, as `invoicedb review` tells it"

Approve: TypeAlias = Annotated[str | None, typer.Option("--approve", metavar="CASE", help="The match is right.")]
Reassign: TypeAlias = Annotated[
    tuple[str, UUID] | None, typer.Option("--reassign", metavar="CASE ITEM_ID", help="It is that item; its booked lines move.")
]
Reject: TypeAlias = Annotated[
    str | None, typer.Option("--reject", metavar="CASE", help="It is none there is: a new item is made; its booked lines move.")
]
Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the decision.")]
By: TypeAlias = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; kept with the decision.")]


def review(
    *,
    user: User,
    approve: Approve = None,
    reassign: Reassign = None,
    reject: Reject = None,
    reason: Reason = None,
    by: By = None,
    dry_run: DryRun = False,
    limit: Limit = None,
    dsn: Dsn = None,
    schema: Schema = None,
    as_json: Json = False,
) -> None:
    """Decide about matches that are likely but not sure, oldest first: asked one by one on a terminal, else listed.

    A CASE is decided by an option, also one that was decided before. With --json: one list, or one document for a decision.

    \b
    Example:  invoicedb review --user 6f1c… --by Ann
    """
    asked = chosen(approve, reassign, reject)
    with connect(dsn, schema=schema) as database:
        desk = Desk(database, user, reason, by, dry_run)
        screen = Screen()
        if asked is not None:
            show_decision(screen, desk.decide(desk.find(asked.case), asked), dry_run=dry_run, as_json=as_json)
            return
        cases = limited(desk.queue(), limit)
        if as_json:
            print_list({"case": case_id(case), **to_plain(case)} for case in cases)
        elif screen.is_terminal:
            ask_about(cases, desk, screen)
        else:
            show_cases(screen, list(cases))


# ---- what was asked for ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision, about the case of this id. `item_id`: None where it is the item that it is matched to, or a new one."""

    case: str
    how: str
    item_id: UUID | None = None


def chosen(approve: str | None, reassign: tuple[str, UUID] | None, reject: str | None) -> Asked | None:
    given = [
        *([] if approve is None else [Asked(approve, "approve")]),
        *([] if reassign is None else [Asked(reassign[0], "reassign", reassign[1])]),
        *([] if reject is None else [Asked(reject, "reject")]),
    ]
    if len(given) > 1:
        raise typer.BadParameter("one decision at a time", param_hint="--approve, --reassign, --reject")
    return given[0] if given else None


def case_id(case: ReviewCase) -> str:
    """A case as one word of a command line, the same for ever."""
    return "/".join(quote(str(part), safe="") for part in (case.vendor_id, case.item_key, case.pack_key))


def read_case_id(text: str) -> tuple[UUID, str, str]:
    try:
        vendor_id, item_key, pack_key = map(unquote, text.split("/"))
        return UUID(vendor_id), item_key, pack_key
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no case: give {CASE_FORM}", param_hint="CASE") from None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody decides."""

    database: Database
    user: UUID
    reason: str | None
    by: str | None
    dry_run: bool

    def queue(self) -> Iterator[ReviewCase]:
        return paged(lambda last: self.database.review_queue(self.user, limit=PAGE, after=last))

    def find(self, text: str) -> ReviewCase:
        return self.database.find_mapping_case(self.user, *read_case_id(text))

    def decide(self, seen: ReviewCase, asked: Asked) -> DecisionResult:
        calls = self.database.trial() if self.dry_run else self.database
        match asked:
            case Asked(how="reassign", item_id=UUID() as item_id):
                return calls.reassign(self.user, seen, item_id, reason=self.reason, by=self.by)
            case Asked(how="reject"):
                return calls.reject(self.user, seen, reason=self.reason, by=self.by)
            case _:
                return calls.approve(self.user, seen, reason=self.reason, by=self.by)


# ---- one by one --------------------------------------------------------------------------------------------------------------


def ask_about(cases: Iterator[ReviewCase], desk: Desk, screen: Screen) -> None:
    """Until the queue or the person is at an end."""
    none_left = True
    for case in cases:
        none_left = False
        show_case(screen, case)
        answer = answer_of("[a]pprove, [r]eassign, [n]ew item, [s]kip, [q]uit", "arnsq")
        if answer == "q":
            return
        if answer != "s":
            decide_as_answered(case, answer, desk, screen)
    if none_left:
        screen.line("Nothing waits for review.")


def decide_as_answered(case: ReviewCase, answer: str, desk: Desk, screen: Screen) -> None:
    """What can't be done is said, and the case stays in the queue."""
    item_id = typer.prompt("Item id", type=UUID) if answer == "r" else None
    how = {"a": "approve", "r": "reassign", "n": "reject"}[answer]
    try:
        done = desk.decide(case, Asked(case_id(case), how, item_id))
    except (DecisionConflict, ItemMerged, ItemNotFound, LineError) as error:
        screen.line(f"Not done: {error}")
    else:
        show_decision(screen, done, dry_run=desk.dry_run, as_json=False)


def answer_of(question: str, letters: str) -> str:
    """One of `letters`; the end of the input is the last of them."""
    while True:
        try:
            answer = str(typer.prompt(question)).strip().lower()[:1]
        except typer.Abort:
            return letters[-1]
        if answer and answer in letters:
            return answer


# ---- what is shown -----------------------------------------------------------------------------------------------------------


def show_cases(screen: Screen, cases: list[ReviewCase]) -> None:
    if not cases:
        screen.line("Nothing waits for review.")
    screen.table(Table("", CASES, [case_row(case) for case in cases]))


def case_row(case: ReviewCase) -> tuple[object, ...]:
    said = ", ".join(case.pending_descriptions) or case.description
    matched = (case.vendor_name, said, case.pack_size, case.item_name, case.match_score)
    return case_id(case), *matched, case.booked_lines, case.booked_total, case.booked_currency


def show_case(screen: Screen, case: ReviewCase) -> None:
    screen.line()
    screen.line(
        f"{case.vendor_name}: {' '.join(filter(None, (case.item_number, case.description, case.pack_size)))}", style="bold"
    )
    screen.line(f"  is {case.item_name} ({case.inventory_item_id})? {counted(case.booked_lines, 'line')} booked by it.")
    for reason in case.match_reasons:
        screen.line(f"  - {reason}")
    for description in case.pending_descriptions:
        screen.line(f"  - came as {description!r}, too")
    if case.runner_up_name is not None:
        screen.line(f"  Next best: {case.runner_up_name} ({case.runner_up_item_id})")
    screen.line(f"  {case_id(case)}")


def show_decision(screen: Screen, done: DecisionResult, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print(json_text(done))
        return
    case = done.case
    became = "was decided before to be" if done.replayed else "would be" if dry_run else "is"
    by = f", says {case.decided_by}" if case.decided_by and not dry_run else ""
    screen.line(f"{case.item_number or case.description} of {case.vendor_name} {became} {case.item_name}{by}.")
    screen.table(Table("Moved", MOVEMENTS, [movement_row(each) for each in done.movements]))
