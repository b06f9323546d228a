"""Documents that correct others: what they correct, why, and who says so."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE invoices
  ADD COLUMN corrects_id uuid,
  ADD COLUMN reason text,
  ADD COLUMN made_by text,
  ADD CONSTRAINT invoices_void_names_its_invoice CHECK (document_type <> 'void' OR corrects_id IS NOT NULL);
"""

DOWNGRADE = """
ALTER TABLE invoices
  DROP CONSTRAINT invoices_void_names_its_invoice, DROP COLUMN corrects_id, DROP COLUMN reason, DROP COLUMN made_by;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
