-- Two items are one, and are two again. What is booked moves by the statements of a decision. Locks in the booking's order: catalog,
-- vendors by id, items by id.

-- name: look_up_merge
-- The catalog's version, an item, and the one that it is to be merged into, or was.
SELECT coalesce(catalog.version, 0) AS catalog_version, item.id, item.name, item.base_unit, item.conversions, item.merged_into_id,
       item.merge_record, other.id AS into_id, other.name AS into_name, other.base_unit AS into_unit,
       other.conversions AS into_conversions, other.merged_into_id AS into_merged_into_id
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
  LEFT JOIN LATERAL (SELECT * FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS item ON true
  LEFT JOIN LATERAL (SELECT * FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = coalesce(%(into_item_id)s::uuid, item.merged_into_id) LIMIT 1) AS other ON true;

-- name: list_mappings_of_item
-- Of an item, or with NULL of the one that it was merged into.
SELECT mapping.vendor_id, mapping.item_key, mapping.pack_key, mapping.base_quantity, mapping.description, mapping.accepted_readings,
       mapping.rejected_item_ids
  FROM (SELECT id, merged_into_id FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS item
 CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND inventory_item_id = CASE WHEN %(into_item_id)s::uuid IS NULL
                                                                               THEN item.merged_into_id ELSE item.id END) AS mapping
 ORDER BY mapping.vendor_id, mapping.item_key, mapping.pack_key;

-- name: lock_vendors_of_item
-- In id order, and none takes a place in its order: until the merge commits, no invoice of theirs is mapped by what it changes.
SELECT vendor.id
  FROM (SELECT DISTINCT vendor_id FROM vendor_item_mappings
         WHERE user_id = %(user_id)s AND inventory_item_id = %(from_item_id)s ORDER BY 1) AS mapped
 CROSS JOIN LATERAL (SELECT id FROM vendors WHERE user_id = %(user_id)s AND id = mapped.vendor_id FOR NO KEY UPDATE) AS vendor;

-- name: lock_items_of_unmerge
-- As lock_items_of_decision, but one of them is merged: the catalog's version says that it still is.
SELECT item.id
  FROM (SELECT id FROM unnest(ARRAY[%(from_item_id)s, %(item_id)s]::uuid[]) AS id ORDER BY id) AS wanted
 CROSS JOIN LATERAL (SELECT id FROM inventory_items WHERE user_id = %(user_id)s AND id = wanted.id FOR NO KEY UPDATE) AS item;

-- name: require_convertible
-- What has no mapping to say what it holds, as stock that was opened with, must be told in the other unit exactly.
SELECT invoicedb_require(count(*) = 0, 'IV001', 'a quantity of the item can''t be told exactly in the other unit')
  FROM (SELECT reference_id, line_number, quantity_change, coalesce(of_invoice_id, reference_id) AS invoice_id,
               coalesce(of_line_number, line_number) AS invoice_line_number
          FROM inventory_transactions
         WHERE user_id = %(user_id)s AND inventory_item_id = %(from_item_id)s AND transaction_type <> 'reversal') AS movement
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                        AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
  LEFT JOIN LATERAL (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = movement.invoice_id LIMIT 1) AS invoice ON true
  LEFT JOIN LATERAL (SELECT item_key, pack_key, base_quantity FROM invoice_lines
                      WHERE user_id = %(user_id)s AND invoice_id = movement.invoice_id
                        AND line_number = movement.invoice_line_number LIMIT 1) AS line ON true
  LEFT JOIN LATERAL (SELECT inventory_item_id FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = invoice.vendor_id AND item_key = line.item_key
                        AND pack_key = line.pack_key LIMIT 1) AS mapping ON true
 WHERE reversal.found IS NULL AND mapping.inventory_item_id IS DISTINCT FROM %(item_id)s
   AND (%(others)s::jsonb IS NULL
        OR %(others)s::jsonb @> jsonb_build_array(jsonb_build_array(movement.invoice_id, movement.invoice_line_number)))
   AND invoicedb_converted(coalesce(line.base_quantity, movement.quantity_change), %(numerator)s::numeric, %(denominator)s::numeric)
       IS NULL;

-- name: move_mappings
UPDATE vendor_item_mappings AS mapping SET inventory_item_id = %(item_id)s, base_quantity = moved.base_quantity
  FROM (SELECT %(user_id)s::uuid AS user_id, moved.*
          FROM jsonb_to_recordset(%(mappings)s::jsonb) AS moved (vendor_id uuid, item_key text, pack_key text, base_quantity numeric)
        OFFSET 0) AS moved
 WHERE mapping.vendor_id = moved.vendor_id AND mapping.item_key = moved.item_key AND mapping.pack_key = moved.pack_key
   AND mapping.user_id = moved.user_id;

-- name: drop_match_keys
-- Only so many items of a key are candidates: one that was merged must not take the place of another.
DELETE FROM item_match_keys AS stored
 USING (SELECT ('x' || encode(substring(item.keys FROM place * 8 + 1 FOR 8), 'hex'))::bit(64)::bigint AS match_key,
               %(user_id)s::uuid AS user_id, item.id
          FROM (SELECT id, decode(keys, 'base64') AS keys FROM jsonb_to_recordset(%(dropped_keys)s::jsonb) AS item (id uuid, keys text))
               AS item
         CROSS JOIN LATERAL generate_series(0, length(item.keys) / 8 - 1) AS place OFFSET 0) AS dropped
 WHERE stored.match_key = dropped.match_key AND stored.user_id = dropped.user_id AND stored.inventory_item_id = dropped.id;

-- name: mark_merged
-- What no mapping has moved is told by the lines and movements that it stands for.
UPDATE inventory_items
   SET merged_into_id = %(item_id)s,
       merge_record = %(record)s::jsonb || jsonb_build_object('others', (
         SELECT coalesce(jsonb_agg(jsonb_build_array(movement.of_invoice_id, movement.of_line_number)), '[]')
           FROM (SELECT of_invoice_id, of_line_number FROM inventory_transactions
                  WHERE user_id = %(user_id)s AND reference_id = %(document_id)s AND transaction_type <> 'reversal') AS movement
           LEFT JOIN LATERAL (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = movement.of_invoice_id LIMIT 1)
                  AS invoice ON true
           LEFT JOIN LATERAL (SELECT item_key, pack_key FROM invoice_lines
                               WHERE user_id = %(user_id)s AND invoice_id = movement.of_invoice_id
                                 AND line_number = movement.of_line_number LIMIT 1) AS line ON true
           LEFT JOIN LATERAL (SELECT inventory_item_id FROM vendor_item_mappings
                               WHERE user_id = %(user_id)s AND vendor_id = invoice.vendor_id AND item_key = line.item_key
                                 AND pack_key = line.pack_key LIMIT 1) AS mapping ON true
          WHERE mapping.inventory_item_id IS DISTINCT FROM %(item_id)s))
 WHERE user_id = %(user_id)s AND id = %(from_item_id)s;

-- name: mark_unmerged
UPDATE inventory_items SET merged_into_id = NULL, merge_record = NULL WHERE user_id = %(user_id)s AND id = %(item_id)s;
