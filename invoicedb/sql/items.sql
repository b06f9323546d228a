-- What a person says of an item. Whatever changes the catalog raises its version: no plan that was made before lands.

-- name: rename_item
UPDATE inventory_items SET name = %(name)s WHERE user_id = %(user_id)s AND id = %(item_id)s;

-- name: set_category
UPDATE inventory_items SET category = %(category)s
 WHERE user_id = %(user_id)s AND id = %(item_id)s AND merged_into_id IS NULL;

-- name: find_use
-- An item, whether anything is booked on it, and what vendors' packs of it hold.
SELECT item.id, item.name, item.base_unit, item.conversions, moved.found IS NOT NULL AS is_booked, coalesce(catalog.version, 0) AS version,
       packs.sizes, packs.unsized
  FROM (SELECT * FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s AND merged_into_id IS NULL LIMIT 1) AS item
  LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id LIMIT 1) AS moved ON true
 CROSS JOIN LATERAL (SELECT coalesce(array_agg(DISTINCT pack_size) FILTER (WHERE pack_size IS NOT NULL), '{}') AS sizes,
                            count(*) FILTER (WHERE pack_size IS NULL) AS unsized
                       FROM vendor_item_mappings WHERE user_id = %(user_id)s AND inventory_item_id = item.id) AS packs;

-- name: lock_vendors_of_packs
-- In id order. No invoice of theirs resolves a line by what is about to change.
SELECT vendor.id
  FROM (SELECT DISTINCT vendor_id FROM vendor_item_mappings
         WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s ORDER BY 1) AS mapped
 CROSS JOIN LATERAL (SELECT id FROM vendors WHERE user_id = %(user_id)s AND id = mapped.vendor_id FOR NO KEY UPDATE) AS vendor;

-- name: require_unbooked
-- Under the locks: nothing was booked on the item meanwhile.
SELECT invoicedb_require(item.merged_into_id IS NULL AND moved.found IS NULL, 'IV002', 'something was booked on the item meanwhile')
  FROM (SELECT id, merged_into_id FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s FOR NO KEY UPDATE) AS item
  LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND inventory_item_id = item.id LIMIT 1) AS moved ON true;

-- name: set_base_unit
UPDATE inventory_items SET base_unit = %(base_unit)s WHERE user_id = %(user_id)s AND id = %(item_id)s;
