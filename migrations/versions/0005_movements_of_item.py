"""An item's movements, found by the item."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UPGRADE = """
-- verify_stock, mend_items, list_movements: an item's movements. The quantity is in it, so that a sum reads the index alone.
CREATE INDEX inventory_transactions_of_item ON inventory_transactions
  (inventory_item_id, reference_id, line_number, user_id) INCLUDE (quantity_change);
"""

DOWNGRADE = """
DROP INDEX inventory_transactions_of_item;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
