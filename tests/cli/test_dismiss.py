"""`invoicedb dismiss` and `invoicedb tenant delete`."""

from __future__ import annotations

import json
from uuid import UUID

from invoicedb import Database
from tests.builders import invoice, line
from tests.cli.conftest import Run


def test_a_failed_line_is_dismissed_and_taken_up_again(run: Run, database: Database, user_id: UUID) -> None:
    invoice_id = str(database.process_invoice(user_id, invoice(line("1"), line("2", quantity="none"))).invoice_id)
    done = run("dismiss", invoice_id, "2", "--reason", "a coupon", "--by", "Ann")
    told = "Line 2, ARTICLE 2, is dismissed by Ann: a coupon. The invoice is success.\n"
    assert (done.exit_code, done.stdout) == (0, told)
    assert "was dismissed by Ann: a coupon" in run("dismiss", invoice_id, "2", "--reason", "other").stdout
    undone = json.loads(run("dismiss", invoice_id, "2", "--undo", "--json").stdout)
    assert (undone["status"], undone["dismissed_at"]) == ("partial_success", None)


def test_what_can_not_be_dismissed_is_told_in_one_line(run: Run, database: Database, user_id: UUID) -> None:
    invoice_id = str(database.process_invoice(user_id, invoice()).invoice_id)
    for arguments in ((invoice_id, "1", "--reason", "why"), (invoice_id, "1"), (str(user_id), "1", "--reason", "why")):
        done = run("dismiss", *arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_tenant_is_deleted_by_whoever_types_it(run: Run, database: Database, user_id: UUID) -> None:
    database.process_invoice(user_id, invoice())
    refused = run("tenant", "delete")
    assert (refused.exit_code, f"'delete {user_id}'" in refused.stderr, len(database.stock(user_id))) == (2, True, 1)
    shown = run("tenant", "delete", "--dry-run")
    assert (shown.exit_code, "Would be deleted" in shown.stdout, len(database.stock(user_id))) == (0, True, 1)
    done = json.loads(run("tenant", "delete", "--confirm", f"delete {user_id}", "--json").stdout)
    assert (done["deleted"]["invoices"], database.stock(user_id)) == (1, [])
