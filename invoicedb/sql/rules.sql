-- A tenant's own rules of matching. Whatever changes them raises the catalog's version: no plan that was made by the old ones lands.

-- name: find_matching_policy
SELECT fuzzy_auto, fuzzy_review, never_create, review_everything FROM catalogs WHERE user_id = %(user_id)s;

-- name: set_matching_policy
INSERT INTO catalogs (user_id, version, fuzzy_auto, fuzzy_review, never_create, review_everything)
VALUES (%(user_id)s, 1, %(fuzzy_auto)s, %(fuzzy_review)s, %(never_create)s, %(review_everything)s)
ON CONFLICT (user_id) DO UPDATE
   SET version = catalogs.version + 1, fuzzy_auto = excluded.fuzzy_auto, fuzzy_review = excluded.fuzzy_review,
       never_create = excluded.never_create, review_everything = excluded.review_everything;

-- name: find_period_lock
SELECT locked_before, locked_by, lock_reason FROM catalogs WHERE user_id = %(user_id)s AND locked_before IS NOT NULL;

-- name: lock_period
-- Raises the version: what was planned before is planned again.
INSERT INTO catalogs (user_id, version, locked_before, locked_by, lock_reason)
VALUES (%(user_id)s, 1, %(locked_before)s::date, %(made_by)s, %(reason)s)
ON CONFLICT (user_id) DO UPDATE
   SET version = catalogs.version + 1, locked_before = excluded.locked_before, locked_by = excluded.locked_by,
       lock_reason = excluded.lock_reason;

-- name: list_abbreviations
SELECT abbreviation, expansion FROM abbreviations
 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text
 ORDER BY abbreviation;

-- name: raise_catalog
INSERT INTO catalogs (user_id, version) VALUES (%(user_id)s, 1) ON CONFLICT (user_id) DO UPDATE SET version = catalogs.version + 1;

-- name: set_abbreviation
INSERT INTO abbreviations (user_id, abbreviation, expansion) VALUES (%(user_id)s, %(abbreviation)s, %(expansion)s)
ON CONFLICT (abbreviation, user_id) DO UPDATE SET expansion = excluded.expansion;

-- name: remove_abbreviation
DELETE FROM abbreviations WHERE user_id = %(user_id)s AND abbreviation = %(abbreviation)s RETURNING abbreviation, expansion;

-- name: list_descriptions
-- What each item of a page is called, by whoever: its name, and the descriptions that are mapped to it.
SELECT item.id, item.name, said.descriptions
  FROM (SELECT id, name FROM inventory_items
         WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND merged_into_id IS NULL
           AND (name, id::text) > (%(after_name)s, %(after_id)s::text)
         ORDER BY user_id::text, name, id::text LIMIT %(limit)s) AS item
 CROSS JOIN LATERAL (
   SELECT coalesce(array_agg(DISTINCT reading ORDER BY reading) FILTER (WHERE reading <> ''), '{}') AS descriptions
     FROM (SELECT accepted_readings FROM vendor_item_mappings
            WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND review_state NOT IN ('pending', 'rejected')) AS mapping
    CROSS JOIN LATERAL unnest(mapping.accepted_readings) AS reading) AS said
 ORDER BY item.name, item.id::text;

-- name: find_item
SELECT id, name, base_unit, conversions FROM inventory_items
 WHERE user_id = %(user_id)s AND id = %(item_id)s AND merged_into_id IS NULL;

-- name: set_conversions
UPDATE inventory_items SET conversions = %(conversions)s::jsonb WHERE user_id = %(user_id)s AND id = %(item_id)s;

-- name: list_packs
-- In what vendors sell an item, and what a pack holds.
SELECT vendor_id, item_key, pack_key, pack_size, base_quantity FROM vendor_item_mappings
 WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s;

-- name: set_pack_quantities
-- For lines that are booked from now on; what is booked stays.
UPDATE vendor_item_mappings AS mapping SET base_quantity = pack.base_quantity
  FROM (SELECT %(user_id)s::uuid AS user_id, %(item_id)s::uuid AS inventory_item_id, pack.pack_size, pack.base_quantity
          FROM jsonb_to_recordset(%(packs)s::jsonb) AS pack (pack_size text, base_quantity numeric) OFFSET 0) AS pack
 WHERE mapping.inventory_item_id = pack.inventory_item_id AND mapping.user_id = pack.user_id AND mapping.pack_size = pack.pack_size;
