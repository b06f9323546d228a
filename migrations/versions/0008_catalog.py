"""A catalog by hand: opening stock, and failed lines that nobody will mend."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UPGRADE = """
-- Stock that was there before the first invoice. It names no invoice: it stands for itself.
ALTER TABLE inventory_transactions
  DROP CONSTRAINT inventory_transactions_reference_type_check,
  ADD CONSTRAINT inventory_transactions_reference_type_check
    CHECK (reference_type IN ('invoice', 'credit_memo', 'void', 'correction', 'opening')),
  ADD CONSTRAINT inventory_transactions_opening_adds CHECK
    (reference_type <> 'opening' OR transaction_type = 'adjustment' AND quantity_change > 0 AND of_invoice_id IS NULL);
-- look_up_catalog, verify_openings. An item opens once, whoever imports it again.
CREATE UNIQUE INDEX inventory_transactions_opened_once ON inventory_transactions (inventory_item_id, user_id)
  WHERE reference_type = 'opening';

ALTER TABLE invoice_lines
  ADD COLUMN dismissed_at timestamptz,
  ADD COLUMN dismissed_by text,
  ADD COLUMN dismissed_reason text,
  ADD CONSTRAINT invoice_lines_only_a_failed_one_is_dismissed CHECK
    (CASE WHEN dismissed_at IS NULL THEN num_nonnulls(dismissed_by, dismissed_reason) = 0
          ELSE error_type IS NOT NULL AND dismissed_reason IS NOT NULL END);
"""

# Refused where there is opening stock: what an older version can't keep is for a person to take back.
DOWNGRADE = """
ALTER TABLE invoice_lines
  DROP CONSTRAINT invoice_lines_only_a_failed_one_is_dismissed, DROP COLUMN dismissed_at, DROP COLUMN dismissed_by,
  DROP COLUMN dismissed_reason;
DROP INDEX inventory_transactions_opened_once;
ALTER TABLE inventory_transactions
  DROP CONSTRAINT inventory_transactions_opening_adds,
  DROP CONSTRAINT inventory_transactions_reference_type_check,
  ADD CONSTRAINT inventory_transactions_reference_type_check
    CHECK (reference_type IN ('invoice', 'credit_memo', 'void', 'correction'));
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
