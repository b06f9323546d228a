"""Credit memos, lines that are no goods, what a line costs beside what it says, and the day before which nothing is booked."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

QUOTIENT = """
-- Ten decimals, half away from zero. `div` cuts: twice the dividend and one divisor more is cut where the half is.
CREATE OR REPLACE FUNCTION invoicedb_quotient(dividend numeric, divisor numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sign(dividend) * sign(divisor) * div(abs(dividend) * 20000000000 + abs(divisor), abs(divisor) * 2) * 0.0000000001
$$;
"""

UPGRADE = """
ALTER TABLE catalogs ADD COLUMN locked_before date, ADD COLUMN locked_by text, ADD COLUMN lock_reason text;

ALTER TABLE invoice_lines
  ADD COLUMN share numeric NOT NULL DEFAULT 0 CHECK (share > -1e30 AND share < 1e30),
  ADD COLUMN cost_total numeric CHECK (cost_total > -1e30 AND cost_total < 1e30),
  ADD COLUMN corrected_price numeric CHECK (corrected_price >= 0 AND corrected_price < 1e15),
  ADD COLUMN ordered_quantity numeric CHECK (ordered_quantity > -1e15 AND ordered_quantity < 1e15),
  ADD COLUMN ordered_pack_size text;
UPDATE invoice_lines SET cost_total = line_total WHERE error_type IS NULL;
ALTER TABLE invoice_lines
  DROP CONSTRAINT invoice_lines_kind_check,
  ADD CONSTRAINT invoice_lines_kind_check
    CHECK (kind IN ('item', 'deposit', 'freight', 'charge', 'discount', 'tax', 'price_correction', 'rebate')),
  DROP CONSTRAINT invoice_lines_booked_or_failed,
  ADD CONSTRAINT invoice_lines_booked_or_failed CHECK (CASE
    WHEN error_type IS NOT NULL
    THEN error IS NOT NULL AND num_nonnulls(inventory_item_id, base_quantity, match_method, match_score, cost_total) = 0
    WHEN kind IN ('item', 'price_correction')
    THEN error IS NULL AND num_nulls(quantity, unit_price, line_total, cost_total, item_key, pack_key, inventory_item_id,
                                     base_quantity, match_method) = 0
    ELSE error IS NULL AND num_nulls(quantity, unit_price, line_total) = 0
         AND num_nonnulls(item_key, pack_key, inventory_item_id, base_quantity, match_method, match_score, cost_total) = 0 END);

ALTER TABLE inventory_transactions
  DROP CONSTRAINT inventory_transactions_transaction_type_check,
  ADD CONSTRAINT inventory_transactions_transaction_type_check
    CHECK (transaction_type IN ('purchase', 'return', 'price_correction', 'reversal', 'adjustment')),
  ADD CONSTRAINT inventory_transactions_return_takes CHECK (transaction_type <> 'return' OR quantity_change < 0),
  ADD CONSTRAINT inventory_transactions_correction_moves_nothing
    CHECK (transaction_type <> 'price_correction' OR quantity_change = 0);

-- void_invoice, excess_returns: the credit memos of an invoice.
CREATE INDEX invoices_corrected ON invoices (corrects_id, user_id) WHERE corrects_id IS NOT NULL;
"""

OLD_QUOTIENT = """
CREATE OR REPLACE FUNCTION invoicedb_quotient(dividend numeric, divisor numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sign(dividend) * div(abs(dividend) * 20000000000 + divisor, divisor * 2) * 0.0000000001
$$;
"""

DOWNGRADE = """
DROP INDEX invoices_corrected;
ALTER TABLE inventory_transactions
  DROP CONSTRAINT inventory_transactions_correction_moves_nothing,
  DROP CONSTRAINT inventory_transactions_return_takes,
  DROP CONSTRAINT inventory_transactions_transaction_type_check,
  ADD CONSTRAINT inventory_transactions_transaction_type_check
    CHECK (transaction_type IN ('purchase', 'return', 'reversal', 'adjustment'));
ALTER TABLE invoice_lines
  DROP CONSTRAINT invoice_lines_booked_or_failed,
  ADD CONSTRAINT invoice_lines_booked_or_failed CHECK (CASE WHEN error_type IS NULL
    THEN error IS NULL AND num_nulls(quantity, unit_price, line_total, item_key, pack_key, inventory_item_id, base_quantity,
                                     match_method) = 0
    ELSE error IS NOT NULL AND num_nonnulls(inventory_item_id, base_quantity, match_method, match_score) = 0 END),
  DROP CONSTRAINT invoice_lines_kind_check,
  ADD CONSTRAINT invoice_lines_kind_check CHECK (kind IN ('item', 'deposit', 'freight', 'charge', 'discount', 'tax')),
  DROP COLUMN ordered_pack_size, DROP COLUMN ordered_quantity, DROP COLUMN corrected_price, DROP COLUMN cost_total,
  DROP COLUMN share;
ALTER TABLE catalogs DROP COLUMN lock_reason, DROP COLUMN locked_by, DROP COLUMN locked_before;
"""


def upgrade() -> None:
    op.execute(QUOTIENT)
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    op.execute(OLD_QUOTIENT)
