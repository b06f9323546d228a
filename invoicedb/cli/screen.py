"""Tables and lines: rich on a terminal, plain aligned text of any width in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from invoicedb.cli.text import money, number, percent, printable, words

Item = TypeVar("Item")


def unstyled(value: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its values are written, on which side they stand, and on a terminal in which colour."""

    title: str
    write: Callable[[Any, str], str] = words
    right: bool = False
    style: Callable[[Any], str] = unstyled


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values under a title; a value is written by its column. Never markup: what an invoice says is text."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def counts(title: str) -> Column:
    return Column(title, right=True)


def quantities(title: str) -> Column:
    return Column(title, number, right=True)


def amounts(title: str) -> Column:
    return Column(title, money, right=True)


def changes(title: str) -> Column:
    return Column(title, percent, right=True, style=lambda change: "" if not change else "red" if change > 0 else "green")


class Screen:
    """Standard output, as this run has it."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)

    @property
    def is_terminal(self) -> bool:
        return self._console.is_terminal

    def line(self, text: str = "", *, style: str = "") -> None:
        """A line, blanks at its beginning kept."""
        if self.is_terminal:
            self._console.print(Text(printable(text), style=style))
        else:
            print(printable(text))

    def table(self, table: Table) -> None:
        """The table; nothing where it has no rows."""
        if not table.rows:
            return
        if self.is_terminal:
            self._console.print(rich_table(table))
        else:
            print(plain_table(table))

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """A spinner, on a terminal, until this is done."""
        if not self.is_terminal:
            yield
            return
        with self._console.status(Text(printable(text))):
            yield


def rich_table(table: Table) -> RichTable:
    shown = RichTable(title=Text(table.title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in table.columns:
        shown.add_column(Text(column.title), justify="right" if column.right else "left", overflow="fold")
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        shown.add_row(*(Text(column.write(value, ","), style=column.style(value)) for column, value in cells))
    return shown


def plain_table(table: Table) -> str:
    heads = [column.title for column in table.columns]
    cells = [[column.write(value, "") for column, value in zip(table.columns, row, strict=True)] for row in table.rows]
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    lines = (aligned(row, widths, table.columns) for row in [heads, *cells])
    return "\n".join([*([table.title] if table.title else []), *lines, ""])


def aligned(row: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    padded = (
        " " * (width - cell_len(cell)) + cell if column.right else cell + " " * (width - cell_len(cell))
        for cell, width, column in zip(row, widths, columns, strict=True)
    )
    return "  ".join(padded).rstrip()


def tracked(items: Sequence[Item], title: str, *, quiet: bool = False) -> Iterator[Item]:
    """The items, under a progress bar where somebody watches: on standard output, or on standard error if that is piped on.

    `quiet`: standard output is not for people; no bar may get between its lines.
    """
    console = bar_console(quiet=quiet)
    if console is None or len(items) < 2:
        yield from items
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=len(items))
        for item in items:
            yield item
            progress.advance(task)


def bar_console(*, quiet: bool) -> Console | None:
    output = Console()
    if output.is_terminal:
        return None if quiet else output
    errors = Console(stderr=True)
    return errors if errors.is_terminal else None
