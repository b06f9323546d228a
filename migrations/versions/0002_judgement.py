"""What a tenant decides about matching, its own abbreviations, and on each line why it was matched."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = """
-- A threshold that is NULL is the database's own.
ALTER TABLE catalogs
  ADD COLUMN fuzzy_auto numeric CHECK (fuzzy_auto >= 0 AND fuzzy_auto <= 1),
  ADD COLUMN fuzzy_review numeric CHECK (fuzzy_review >= 0 AND fuzzy_review <= 1),
  ADD COLUMN never_create boolean NOT NULL DEFAULT false,
  ADD COLUMN review_everything boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT catalogs_review_is_not_above_automatic CHECK (fuzzy_review <= fuzzy_auto);

CREATE TABLE abbreviations (
  abbreviation text NOT NULL CHECK (abbreviation ~ '^[^[:space:]]+$'),
  user_id uuid NOT NULL,
  expansion text NOT NULL CHECK (expansion <> ''),
  PRIMARY KEY (abbreviation, user_id)
);
-- look_up_lost, list_abbreviations. An expression, as the other lists of a tenant.
CREATE INDEX abbreviations_of_user ON abbreviations ((user_id::text));

ALTER TABLE invoice_lines ADD COLUMN match_reasons jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(match_reasons) = 'array');
"""

DOWNGRADE = """
ALTER TABLE invoice_lines DROP COLUMN match_reasons;
DROP TABLE abbreviations;
ALTER TABLE catalogs
  DROP CONSTRAINT catalogs_review_is_not_above_automatic,
  DROP COLUMN fuzzy_auto, DROP COLUMN fuzzy_review, DROP COLUMN never_create, DROP COLUMN review_everything;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
