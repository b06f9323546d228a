"""Failed lines that nobody will mend: dismissed with a reason, or taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from invoicedb.domain.head import DOCUMENT_TYPES
from invoicedb.errors import InvalidText, InvoiceNotFound, InvoiceVoided, LineNotFailed, NotAnInvoice
from invoicedb.flights import Landing, Operation, Statement, flight
from invoicedb.operations.call import Call, silent
from invoicedb.operations.ingest.book import SETTLE_STATUS
from invoicedb.results import DismissResult, Status
from invoicedb.sql import SQL


@dataclass(frozen=True, slots=True)
class Stands:
    """A line and its document as they stand now. `line_number`: None where there is no such line."""

    document_type: str
    is_voided: bool
    status: str
    line_number: int | None
    description: str | None
    error_type: str | None
    error: str | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_reason: str | None


LOCK_VENDOR_OF_FAILED = silent("lock_vendor_of_failed")
DISMISS_LINE = silent("dismiss_line")
UNDISMISS_LINE = silent("undismiss_line")
FIND_DISMISSAL = Statement("find_dismissal", SQL["find_dismissal"], Stands)


@dataclass(frozen=True, slots=True)
class Dismissing:
    """Which line, why, and who says so."""

    invoice_id: UUID
    line_number: int
    reason: str
    made_by: str | None

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not self.reason.strip():
            raise InvalidText(field="reason", reason="is missing: say why nobody will mend the line")

    def dismiss(self, call: Call) -> Operation[DismissResult]:
        """One flight. Raises InvoiceNotFound, NotAnInvoice, InvoiceVoided and LineNotFailed; nothing is written then."""
        params = {"reason": self.reason.strip(), "made_by": self.made_by, "now": call.now}
        landing = yield from change(self.invoice_id, self.line_number, DISMISS_LINE, params, call)
        stands = failed_line(self.invoice_id, self.line_number, landing)
        return result_of(self.invoice_id, stands, landing, replayed=stands.dismissed_at != call.now)


def undismiss(invoice_id: UUID, line_number: int, call: Call) -> Operation[DismissResult]:
    """One flight. Raises as `dismiss` does."""
    landing = yield from change(invoice_id, line_number, UNDISMISS_LINE, {}, call)
    return result_of(invoice_id, failed_line(invoice_id, line_number, landing), landing, replayed=False)


def change(
    invoice_id: UUID, line_number: int, statement: Statement[None], params: Mapping[str, object], call: Call
) -> Operation[Landing]:
    asked = {"user_id": call.user_id, "invoice_id": invoice_id, "line_number": line_number, **params}
    within = (LOCK_VENDOR_OF_FAILED, statement, SETTLE_STATUS, FIND_DISMISSAL)
    return (yield call.opened() + flight(*call.frame.begin, *within, *call.frame.end, **asked))


def failed_line(invoice_id: UUID, line_number: int, landing: Landing) -> Stands:
    """The line where it is a failed one. Whatever else it is, the statements before have left it alone."""
    for stands in landing.rows(FIND_DISMISSAL):
        if stands.document_type not in DOCUMENT_TYPES:
            raise NotAnInvoice(invoice_id=invoice_id, document_type=stands.document_type)
        if stands.is_voided:
            cure = "none of its lines counts any more; give the id of the invoice that stands in its place"
            raise InvoiceVoided(invoice_id=invoice_id, cure=cure)
        if stands.error_type is None:
            raise LineNotFailed(invoice_id=invoice_id, line_number=line_number, is_booked=stands.line_number is not None)
        return stands
    raise InvoiceNotFound(invoice_id=invoice_id)


def result_of(invoice_id: UUID, stands: Stands, landing: Landing, *, replayed: bool) -> DismissResult:
    return DismissResult(
        invoice_id=invoice_id,
        line_number=stands.line_number or 0,
        description=stands.description or "",
        error_type=stands.error_type or "",
        error=stands.error or "",
        dismissed_at=stands.dismissed_at,
        dismissed_by=stands.dismissed_by,
        dismissed_reason=stands.dismissed_reason,
        status=Status(stands.status),
        replayed=replayed,
        round_trips=landing.round_trips,
    )
