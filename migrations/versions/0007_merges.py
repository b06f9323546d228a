"""Items that were merged: what a merge has moved, its document without a vendor, and conversions that are exact or none."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UPGRADE = """
-- A quantity in another unit, of which the first is numerator/denominator: exact, or NULL where no decimal says it.
CREATE FUNCTION invoicedb_converted(quantity numeric, numerator numeric, denominator numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN div(quantity * numerator * 1e60, denominator) * denominator = quantity * numerator * 1e60
                  THEN trim_scale(div(quantity * numerator * 1e60, denominator) * 1e-60) END $$;

-- Which mappings a merge has moved, what they held, and what was moved beside them: an un-merge takes back exactly that.
ALTER TABLE inventory_items
  ADD COLUMN merge_record jsonb CHECK (jsonb_typeof(merge_record) = 'object'),
  ADD CONSTRAINT inventory_items_record_of_a_merge CHECK (merge_record IS NULL OR merged_into_id IS NOT NULL);

-- A merge is one document, however many vendors it touches: it is none's, and takes no place in the order of any.
ALTER TABLE invoices
  ALTER COLUMN vendor_id DROP NOT NULL,
  DROP CONSTRAINT invoices_failed_has_no_sequence,
  ADD CONSTRAINT invoices_failed_has_no_sequence CHECK ((posting_sequence IS NULL) = (status = 'failed' OR vendor_id IS NULL)),
  ADD CONSTRAINT invoices_of_a_vendor CHECK (vendor_id IS NOT NULL OR document_type = 'correction');
"""

DOWNGRADE = """
-- Refused by the first of them where a merge has moved lines: its document has no vendor.
ALTER TABLE invoices
  ALTER COLUMN vendor_id SET NOT NULL,
  DROP CONSTRAINT invoices_of_a_vendor,
  DROP CONSTRAINT invoices_failed_has_no_sequence,
  ADD CONSTRAINT invoices_failed_has_no_sequence CHECK ((posting_sequence IS NULL) = (status = 'failed'));
ALTER TABLE inventory_items DROP CONSTRAINT inventory_items_record_of_a_merge, DROP COLUMN merge_record;
DROP FUNCTION invoicedb_converted(numeric, numeric, numeric);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
