"""Vendors that were merged: what a merge has moved, and which of its names a document came under."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UPGRADE = """
-- A merged vendor stays as a name of the other. Chains are flattened: that one is never itself merged.
ALTER TABLE vendors
  ADD COLUMN merged_into_id uuid CHECK (merged_into_id <> id),
  ADD COLUMN merge_record jsonb CHECK (jsonb_typeof(merge_record) = 'object'),
  ADD CONSTRAINT vendors_record_of_a_merge CHECK ((merge_record IS NULL) = (merged_into_id IS NULL));
-- The names of a vendor.
CREATE INDEX vendors_merged ON vendors (merged_into_id, user_id) WHERE merged_into_id IS NOT NULL;

-- follow_in_records, part_in_records: what merges of items have moved is told by vendor.
CREATE INDEX inventory_items_merged ON inventory_items ((user_id::text)) WHERE merge_record IS NOT NULL;

-- What came under a merged name, before the merge or since, goes back with that name.
ALTER TABLE invoices ADD COLUMN named_vendor_id uuid CHECK (named_vendor_id <> vendor_id);
"""

# What is merged stays merged, under one vendor: an older version would book under its name alone. Un-merge first.
DOWNGRADE = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM vendors WHERE merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'vendors are merged: un-merge them first, this version would book by their names again';
  END IF;
END $$;
ALTER TABLE invoices DROP COLUMN named_vendor_id;
DROP INDEX vendors_merged;
DROP INDEX inventory_items_merged;
ALTER TABLE vendors DROP CONSTRAINT vendors_record_of_a_merge, DROP COLUMN merge_record, DROP COLUMN merged_into_id;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
