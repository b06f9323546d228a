"""Decisions about matches: who was second, who decided and why, and which invoice line a correction's movement stands for."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE vendor_item_mappings
  ADD COLUMN runner_up_item_id uuid,
  ADD COLUMN runner_up_score numeric CHECK (runner_up_score >= 0 AND runner_up_score <= 1),
  ADD COLUMN decided_by text,
  ADD COLUMN decided_at timestamptz,
  ADD COLUMN decision_reason text;
-- review_queue. The tenant and the vendor as expressions, as the other lists of a tenant.
CREATE INDEX vendor_item_mappings_in_review ON vendor_item_mappings
  ((user_id::text), created_at, (vendor_id::text), item_key, pack_key)
  WHERE review_state = 'pending' OR pending_readings <> '{}';

ALTER TABLE inventory_transactions
  ADD COLUMN of_invoice_id uuid,
  ADD COLUMN of_line_number integer,
  ADD CONSTRAINT inventory_transactions_of_a_line CHECK (num_nulls(of_invoice_id, of_line_number) IN (0, 2));
-- add_reversals, add_correction_movements: what stands for an invoice's lines beside its own movements.
CREATE INDEX inventory_transactions_of_line ON inventory_transactions (of_invoice_id, of_line_number, user_id)
  WHERE of_invoice_id IS NOT NULL;
"""

DOWNGRADE = """
DROP INDEX inventory_transactions_of_line, vendor_item_mappings_in_review;
ALTER TABLE inventory_transactions
  DROP CONSTRAINT inventory_transactions_of_a_line, DROP COLUMN of_invoice_id, DROP COLUMN of_line_number;
ALTER TABLE vendor_item_mappings
  DROP COLUMN runner_up_item_id, DROP COLUMN runner_up_score, DROP COLUMN decided_by, DROP COLUMN decided_at,
  DROP COLUMN decision_reason;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
