"""How a command ends: its exit code, and one line on standard error for what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from errno import EPIPE
from functools import partial
from typing import Any, Protocol, cast

import typer
from typer.core import TyperGroup

from invoicedb.cli.text import clean
from invoicedb.errors import DatabaseError, InvoicedbError


class ExitCode(IntEnum):
    """What the calling script reads. Of several the highest one counts."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


class UsageError(Protocol):
    """What Typer raises for a wrong command line. `ctx` is that of the command."""

    ctx: Any

    def format_message(self) -> str: ...


def usage_error() -> type[Exception]:
    """The class above all of Typer's usage errors: its name and home differ between Typer's versions, its method does not."""
    above = (each for each in reversed(typer.BadParameter.__mro__) if issubclass(each, Exception))
    return next(each for each in above if hasattr(each, "format_message"))


USAGE_ERROR = usage_error()


class Commands(TyperGroup):
    """The commands, with errors as one line and exit codes as `ExitCode` says."""

    def main(self, *args: Any, **extra: Any) -> Any:
        run = partial(super().main, *args, **{**extra, "standalone_mode": False})
        sys.exit(ended(run))


def ended(run: Callable[[], Any]) -> int:
    """Run a command to its end; its exit code."""
    try:
        code = run()
        sys.stdout.flush()  # a full disk or a closed pipe shows here, not after the last handler
    except OSError as error:
        return output_lost(error)
    except USAGE_ERROR as error:
        return complain(with_help(cast(UsageError, error)), ExitCode.BAD_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        return complain("interrupted; what was booked stays booked, send it all again", ExitCode.INTERRUPTED)
    except InvoicedbError as error:
        return complain(str(error), ExitCode.UNREACHABLE if isinstance(error, DatabaseError) else ExitCode.BAD_INPUT)
    return code if isinstance(code, int) else ExitCode.DONE


def with_help(error: UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "invoicedb"
    return f"{error.format_message().rstrip('.')} (see {command} --help)"


def complain(message: str, code: ExitCode) -> ExitCode:
    """Say what is wrong, in one line on standard error, whatever the message holds."""
    note(message)
    return code


def note(message: str) -> None:
    """A line on standard error: not part of the answer."""
    print(f"invoicedb: {clean(message)}", file=sys.stderr, flush=True)


def output_lost(error: OSError) -> ExitCode:
    """Nobody reads on, or the disk is full. What is still buffered goes nowhere, else Python complains at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    if error.errno != EPIPE:
        note(f"the output can't be written: {error.strerror or error}")
    return ExitCode.FAILED
