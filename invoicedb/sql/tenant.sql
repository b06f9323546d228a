-- All of a tenant, in the order of the foreign keys. Each is found by way of what it can't be there without, so by an index; vendors
-- and match keys have none by tenant, and theirs are read through: once, in a deletion, instead of an index that each booking keeps up.

-- name: lock_tenant
-- In the booking's order: the catalog, then the vendors by id, merged names before them. Whoever books waits, and then finds nothing.
SELECT version FROM catalogs WHERE user_id = %(user_id)s FOR UPDATE;

-- name: lock_vendors_of_tenant
SELECT id FROM vendors WHERE user_id = %(user_id)s ORDER BY merged_into_id IS NULL, id FOR UPDATE;

-- name: delete_price_history
WITH gone AS (
  DELETE FROM price_history AS price
   USING (SELECT movement.user_id, movement.reference_id, movement.line_number
            FROM (SELECT id FROM inventory_items WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text) AS item
           CROSS JOIN LATERAL (SELECT user_id, reference_id, line_number FROM inventory_transactions
                                WHERE user_id = %(user_id)s AND inventory_item_id = item.id) AS movement
          OFFSET 0) AS movement
   WHERE price.user_id = movement.user_id AND price.invoice_id = movement.reference_id AND price.line_number = movement.line_number
  RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_inventory_transactions
WITH gone AS (
  DELETE FROM inventory_transactions AS movement
   USING (SELECT user_id, id FROM inventory_items WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text OFFSET 0) AS item
   WHERE movement.user_id = item.user_id AND movement.inventory_item_id = item.id
  RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_invoice_lines
WITH gone AS (
  DELETE FROM invoice_lines AS line
   USING (SELECT user_id, id FROM invoices WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text OFFSET 0) AS invoice
   WHERE line.user_id = invoice.user_id AND line.invoice_id = invoice.id
  RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_invoices
WITH gone AS (DELETE FROM invoices WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_vendor_item_mappings
WITH gone AS (
  DELETE FROM vendor_item_mappings AS mapping
   USING (SELECT user_id, id FROM inventory_items WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text OFFSET 0) AS item
   WHERE mapping.user_id = item.user_id AND mapping.inventory_item_id = item.id
  RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_item_match_keys
WITH gone AS (DELETE FROM item_match_keys WHERE user_id = %(user_id)s RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_inventory_items
WITH gone AS (DELETE FROM inventory_items WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_vendors
WITH gone AS (DELETE FROM vendors WHERE user_id = %(user_id)s RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_abbreviations
WITH gone AS (DELETE FROM abbreviations WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_catalogs
WITH gone AS (DELETE FROM catalogs WHERE user_id = %(user_id)s RETURNING 1) SELECT count(*) FROM gone;
