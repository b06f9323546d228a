"""Opening stock that can be taken back, and the item opened again."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# One opening of an item stands at a time: which one, only its reversal says, and that no index can see. The catalog's version,
# which every import raises, keeps two imports from opening an item both.
UPGRADE = """
-- find_named, verify_items, mend_openings.
DROP INDEX inventory_transactions_opened_once;
CREATE INDEX inventory_transactions_openings ON inventory_transactions (inventory_item_id, user_id)
  WHERE reference_type = 'opening';
"""

# Refused where an item was opened again, which an older version can't keep. One that was only taken back can't be opened by it.
DOWNGRADE = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM inventory_transactions WHERE reference_type = 'opening'
              GROUP BY inventory_item_id, user_id HAVING count(*) > 1) THEN
    RAISE EXCEPTION 'items were opened again after their opening stock was taken back: this version keeps one opening of each';
  END IF;
END $$;
DROP INDEX inventory_transactions_openings;
CREATE UNIQUE INDEX inventory_transactions_opened_once ON inventory_transactions (inventory_item_id, user_id)
  WHERE reference_type = 'opening';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
