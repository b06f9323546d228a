"""Corrections and bookings of one invoice that meet: one after the other, or the later one sees what the earlier one did."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from uuid import UUID, uuid4

import pytest

import invoicedb
from invoicedb import (
    Busy,
    Database,
    DecisionConflict,
    ExcessReturns,
    InvoiceConflict,
    InvoiceCredited,
    InvoiceVoided,
    LineNotFailed,
    MatchingPolicy,
)
from tests.builders import invoice, line
from tests.faults.test_concurrency import SECOND_LOOK, meanwhile

THREADS = 6
ROUNDS = 40
TYPED = (Busy, DecisionConflict, ExcessReturns, InvoiceConflict, InvoiceCredited, InvoiceVoided, LineNotFailed)
"""What may become of one of them because others were first."""

BAD = {"quantity": "?"}


def document(*, mended: int, invoice_number: str = "A1") -> dict[str, object]:
    """Three lines, of which the last two fail until they are mended."""
    lines = [line(str(number)) | (BAD if number > mended else {}) for number in (1, 2, 3)]
    return invoice(*lines, invoice_number=invoice_number)


def test_lines_mended_while_their_invoice_is_voided_are_booked_anew(database: Database, dsn: str, user_id: UUID) -> None:
    voided = database.process_invoice(user_id, document(mended=1)).invoice_id
    asked = partial(database.process_invoice, user_id, document(mended=3))
    with meanwhile(dsn, asked) as (other, answer):
        other.void(user_id, voided)
    done = answer.result()
    assert (done.status, done.replayed, done.invoice_id == voided) == ("success", False, False)
    assert [each.current_quantity for each in database.stock(user_id)] == [each.quantity_change for each in done.lines]
    assert [*database.verify(user_id)] == []


@pytest.mark.parametrize("how", ["sent again", "retried"])
def test_of_an_invoice_that_is_voided_meanwhile_no_line_is_booked(
    database: Database, dsn: str, user_id: UUID, how: str
) -> None:
    own_id = uuid4()
    sent = invoice(line("1"), line("2", pack_size="40 KG"), invoice_number="A1")
    database.process_invoice(user_id, invoice(line("2", pack_size="12 CT"), invoice_date="2026-02-01"))
    failed = database.process_invoice(user_id, sent, own_id)
    assert failed.status == "partial_success"
    item_id = database.stock(user_id)[1].id
    database.set_conversions(user_id, item_id, {"g": "1/1000"})
    asked = {
        "sent again": partial(database.process_invoice, user_id, invoice(line("1"), line("2"), invoice_number="A1"), own_id),
        "retried": partial(database.retry_failed, user_id, own_id),
    }
    with meanwhile(dsn, asked[how]) as (other, answer):
        other.void(user_id, own_id)
    with pytest.raises(InvoiceVoided):
        answer.result()
    assert [*database.verify(user_id)] == []


def test_a_dismissed_line_that_is_mended_while_the_others_are_retried(database: Database, dsn: str, user_id: UUID) -> None:
    failed = database.process_invoice(user_id, document(mended=1)).invoice_id
    database.dismiss(user_id, failed, 2, reason="a coupon")
    with meanwhile(dsn, partial(database.retry_failed, user_id, failed), SECOND_LOOK) as (other, answer):
        assert other.process_invoice(user_id, document(mended=2)).status == "partial_success"
    assert answer.result().status == "partial_success"
    assert [*database.verify(user_id)] == []


def test_a_line_that_is_taken_up_again_while_the_others_are_retried(database: Database, dsn: str, user_id: UUID) -> None:
    database.set_matching_policy(user_id, MatchingPolicy(never_create=True))
    failed = database.process_invoice(user_id, document(mended=1)).invoice_id
    database.set_matching_policy(user_id, MatchingPolicy())
    database.dismiss(user_id, failed, 2, reason="a coupon")
    database.dismiss(user_id, failed, 3, reason="a coupon")
    with meanwhile(dsn, partial(database.retry_failed, user_id, failed), SECOND_LOOK) as (other, answer):
        other.undismiss(user_id, failed, 2)
    assert [each.is_booked for each in answer.result().lines] == [True, False, False]
    assert database.get_invoice(user_id, failed).summary.status == "partial_success"
    assert [*database.verify(user_id)] == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_at_once_to_one_invoice_leaves_what_its_documents_say(dsn: str, seed: int) -> None:
    random = Random(seed)
    with invoicedb.connect(dsn, pool_size=THREADS) as database, ThreadPoolExecutor(THREADS) as threads:
        for _ in range(ROUNDS):
            user_id = uuid4()
            calls = calls_on(database, user_id, database.process_invoice(user_id, document(mended=1)).invoice_id)
            met = [random.choice(sorted(calls)) for _ in range(THREADS)]
            refused = threads.map(refusal_of, [calls[name] for name in met])
            assert [each for each in refused if each is not None and not isinstance(each, TYPED)] == [], met
            assert [*database.verify(user_id)] == [], met


def calls_on(database: Database, user_id: UUID, invoice_id: UUID) -> dict[str, Callable[[], object]]:
    memo = invoice(line("1"), invoice_number="M1", document_type="credit_memo", corrects="A1")
    return {
        "replay": partial(database.process_invoice, user_id, document(mended=1)),
        "mend one": partial(database.process_invoice, user_id, document(mended=2)),
        "mend all": partial(database.process_invoice, user_id, document(mended=3)),
        "retry": partial(database.retry_failed, user_id, invoice_id),
        "void": partial(database.void, user_id, invoice_id),
        "replace": partial(database.replace, user_id, invoice_id, document(mended=3)),
        "dismiss": partial(database.dismiss, user_id, invoice_id, 2, reason="a coupon"),
        "undismiss": partial(database.undismiss, user_id, invoice_id, 2),
        "credit": partial(database.process_invoice, user_id, memo),
        "reject": lambda: database.reject(user_id, database.find_line_case(user_id, invoice_id, 1)),
    }


def refusal_of(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except Exception as refusal:  # noqa: BLE001 - what it is is for the test to say
        return refusal
    return None
