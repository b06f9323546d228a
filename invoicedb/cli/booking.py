"""Documents through `process_invoice` or `preview`, one after the other: what became of each, and the exit code of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from invoicedb.cli.documents import Source
from invoicedb.cli.exits import ExitCode, note
from invoicedb.errors import DatabaseError, InvalidInvoice, InvoicedbError, InvoiceRefused, RejectedInvoice, UnreadableDocument
from invoicedb.formats.json import read_json
from invoicedb.results import InvoiceResult

Book: TypeAlias = Callable[[Any], InvoiceResult]


@dataclass(frozen=True, slots=True)
class Booked:
    """A document that became an invoice, or would by a preview; some of its lines may have failed."""

    source: str
    result: InvoiceResult

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.FAILED if self.result.failed else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Refused:
    """A document of which nothing was written, and why."""

    source: str
    error: InvoicedbError | OSError
    exit_code: ExitCode

    @property
    def reason(self) -> str:
        return str(self.error.strerror or self.error) if isinstance(self.error, OSError) else str(self.error)


Outcome: TypeAlias = Booked | Refused


class Report(Protocol):
    """What shows outcomes: each as it comes, or all at the end."""

    def add(self, outcome: Outcome) -> None: ...

    def close(self) -> None: ...


def book_all(documents: Iterable[Source], book: Book, report: Report) -> ExitCode:
    """Each document for itself: what can't be read or is refused keeps none of the others. A lost database ends it."""
    worst = ExitCode.DONE
    try:
        for document in documents:
            outcome = outcome_of(document, book)
            report.add(outcome)
            worst = max(worst, outcome.exit_code)
    except DatabaseError:
        note(f"stopped at {document.name}")
        raise
    finally:
        report.close()  # also what came before the database was lost
    return worst


def outcome_of(document: Source, book: Book) -> Outcome:
    try:
        content = document.read()
    except OSError as error:
        return Refused(document.name, error, ExitCode.BAD_INPUT)
    try:
        return Booked(document.name, book(read_json(content)))
    except (UnreadableDocument, InvalidInvoice) as error:
        return Refused(document.name, error, ExitCode.BAD_INPUT)
    except (InvoiceRefused, RejectedInvoice) as error:
        return Refused(document.name, error, ExitCode.FAILED)
