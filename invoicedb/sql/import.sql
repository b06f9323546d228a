-- A catalog by hand: items with opening stock, and what vendors call them. Locks in the booking's order: catalog, vendors, items by id.

-- name: find_catalog
-- The catalog's version, before all else that a plan is made from.
SELECT coalesce(catalog.version, 0) AS version
  FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true;

-- name: find_named
-- The items that rows mean: by the id that a row gives or that its name makes, and by that very name. Each with its opening stock, unless
-- that was taken back.
SELECT asked.place, item.how, item.id, item.name, item.category, item.base_unit, item.conversions, item.merged_into_id,
       opening.quantity_change, opening.total_cost, opening.transaction_date
  FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked (place int, id uuid, name text)
 CROSS JOIN LATERAL (
   (SELECT 'id' AS how, id, name, category, base_unit, conversions, merged_into_id FROM inventory_items
     WHERE user_id = %(user_id)s AND id = asked.id LIMIT 1)
   UNION ALL
   (SELECT 'name', id, name, category, base_unit, conversions, merged_into_id FROM inventory_items
     WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND name = asked.name AND id <> asked.id
       AND merged_into_id IS NULL LIMIT 2)) AS item
  LEFT JOIN LATERAL (
    SELECT opened.quantity_change, opened.total_cost, opened.transaction_date
      FROM (SELECT * FROM inventory_transactions
             WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND reference_type = 'opening') AS opened
      LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                          WHERE user_id = %(user_id)s AND of_invoice_id = opened.reference_id AND of_line_number = opened.line_number
                            AND transaction_type = 'reversal' LIMIT 1) AS taken_back ON true
     WHERE taken_back.found IS NULL LIMIT 1) AS opening ON true
 ORDER BY asked.place, item.how, item.id;

-- name: find_sold_as
-- What is mapped under vendors' keys already.
SELECT asked.vendor_key, asked.item_key, asked.pack_key, mapping.inventory_item_id, item.name
  FROM jsonb_to_recordset(%(sold_as)s::jsonb) AS asked (vendor_key text, item_key text, pack_key text)
 CROSS JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = asked.vendor_key LIMIT 1) AS vendor
 CROSS JOIN LATERAL (SELECT inventory_item_id FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND item_key = asked.item_key AND pack_key = asked.pack_key
                      LIMIT 1) AS mapping
 CROSS JOIN LATERAL (SELECT name FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item;

-- name: add_named_vendors
INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
SELECT %(user_id)s, vendor.id, vendor.name, vendor.key, 0, %(now)s
  FROM jsonb_to_recordset(%(vendors)s::jsonb) AS vendor (id uuid, name text, key text)
 ORDER BY vendor.key
ON CONFLICT (normalized_name, user_id) DO NOTHING;

-- name: add_named_items
INSERT INTO inventory_items (user_id, id, name, category, base_unit, conversions, current_quantity, created_at)
SELECT %(user_id)s, item.id, item.name, item.category, item.base_unit, item.conversions, 0, %(now)s
  FROM jsonb_to_recordset(%(items)s::jsonb) AS item (id uuid, name text, category text, base_unit text, conversions jsonb);

-- name: lock_named_items
SELECT item.id, invoicedb_require(item.merged_into_id IS NULL, 'IV002', 'an item was merged into another meanwhile')
  FROM (SELECT id FROM jsonb_to_recordset(%(touched)s::jsonb) AS item (id uuid) ORDER BY id) AS wanted
 CROSS JOIN LATERAL (SELECT id, merged_into_id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = wanted.id FOR NO KEY UPDATE) AS item;

-- name: fill_items
-- What nobody had said of known items. user_id comes from the source, not as a constant: the plan can only start there.
UPDATE inventory_items AS item SET category = filled.category, conversions = filled.conversions
  FROM (SELECT %(user_id)s::uuid AS user_id, id, category, conversions
          FROM jsonb_to_recordset(%(filled)s::jsonb) AS item (id uuid, category text, conversions jsonb) OFFSET 0) AS filled
 WHERE item.user_id = filled.user_id AND item.id = filled.id;

-- name: add_sold_as
-- By hand: approved from the start.
INSERT INTO vendor_item_mappings (user_id, vendor_id, item_key, pack_key, inventory_item_id, base_quantity, item_number, description,
                                  pack_size, accepted_readings, match_method, review_state, created_at, decided_by, decided_at)
SELECT %(user_id)s, vendor.id, mapping.item_key, mapping.pack_key, mapping.inventory_item_id, mapping.base_quantity, mapping.item_number,
       mapping.description, mapping.pack_size, ARRAY[mapping.reading], 'exact', 'approved', %(now)s, %(made_by)s, %(now)s
  FROM jsonb_to_recordset(%(mappings)s::jsonb)
       AS mapping (vendor_key text, item_key text, pack_key text, inventory_item_id uuid, base_quantity numeric, item_number text,
                   description text, pack_size text, reading text)
 CROSS JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = mapping.vendor_key LIMIT 1) AS vendor;

-- name: add_openings
-- Under the row's number: a movement that no line stands behind. That the item is not open already says the catalog's version: every
-- import raises it.
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT %(user_id)s, %(import_id)s, opening.line_number, opening.inventory_item_id, 'adjustment', 'opening', opening.quantity,
       invoicedb_quotient(opening.total, opening.quantity), opening.total, opening.day
  FROM jsonb_to_recordset(%(openings)s::jsonb)
       AS opening (line_number int, inventory_item_id uuid, quantity numeric, total numeric, day date)
RETURNING (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
          FROM catalogs WHERE user_id = %(user_id)s AND locked_before > inventory_transactions.transaction_date LIMIT 1) AS unlocked;

-- name: raise_by_openings
UPDATE inventory_items AS item SET current_quantity = item.current_quantity + moved.quantity_change
  FROM (SELECT user_id, inventory_item_id, quantity_change FROM inventory_transactions
         WHERE user_id = %(user_id)s AND reference_id = %(import_id)s OFFSET 0) AS moved
 WHERE item.user_id = moved.user_id AND item.id = moved.inventory_item_id;
