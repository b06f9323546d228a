-- Opening stock, taken back by reversal rows: the item is as if it had never been opened, and may be opened again.

-- name: look_up_opening
-- Leaves invoicedb.opened: whether opening stock stands on the item, its own or that of one merged into it.
SELECT item.id, item.name, item.merged_into_id,
       set_config('invoicedb.opened', (standing.found IS TRUE AND item.merged_into_id IS NULL)::text, true) IS NULL AS not_echoed
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT id, name, merged_into_id FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS item ON true
  LEFT JOIN LATERAL (
    SELECT true AS found
      FROM (SELECT reference_id, line_number, coalesce(of_invoice_id, reference_id) AS opening_id,
                   coalesce(of_line_number, line_number) AS opening_line
              FROM inventory_transactions
             WHERE user_id = %(user_id)s AND inventory_item_id = item.id AND transaction_type = 'adjustment') AS movement
     CROSS JOIN LATERAL (SELECT reference_type FROM inventory_transactions
                          WHERE user_id = %(user_id)s AND reference_id = movement.opening_id AND line_number = movement.opening_line
                          LIMIT 1) AS opening
      LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                          WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                            AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
     WHERE opening.reference_type = 'opening' AND reversal.found IS NULL LIMIT 1) AS standing ON true;

-- name: find_take_back
-- The document that took opening stock of the item back, this one or else the last, and what it reversed.
SELECT document.id, document.reason, document.made_by, movement.line_number, movement.inventory_item_id, item.name, item.base_unit,
       movement.quantity_change, movement.unit_cost, movement.total_cost
  FROM (SELECT document.*
          FROM (SELECT DISTINCT reference_id
                  FROM (SELECT reference_id, of_invoice_id FROM inventory_transactions
                         WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s AND transaction_type = 'reversal' OFFSET 0)
                       AS reversal
                 WHERE of_invoice_id IS NOT NULL) AS taken_back
         CROSS JOIN LATERAL (SELECT id, reason, made_by, created_at FROM invoices
                              WHERE user_id = %(user_id)s AND id = taken_back.reference_id LIMIT 1) AS document
         ORDER BY document.id = %(document_id)s DESC, document.created_at DESC, document.id DESC LIMIT 1) AS document
 CROSS JOIN LATERAL (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND reference_id = document.id OFFSET 0) AS movement
 CROSS JOIN LATERAL (SELECT name, base_unit FROM inventory_items
                      WHERE user_id = %(user_id)s AND id = movement.inventory_item_id LIMIT 1) AS item
 ORDER BY movement.line_number;

-- name: require_opened
SELECT invoicedb_require(current_setting('invoicedb.opened', true) = 'true', 'IV001', 'no opening stock of the item stands');

-- name: lock_opened_item
SELECT item.id, invoicedb_require(item.merged_into_id IS NULL, 'IV002', 'the item was merged into another meanwhile')
  FROM (SELECT id, merged_into_id FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s FOR NO KEY UPDATE) AS item;

-- name: take_back_openings
-- All that stands on the item, as of the day that it was opened at. Each reversal names the opening that it takes back: one that only
-- moves with a merge names none.
WITH taken_back AS (
  INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                      quantity_change, unit_cost, total_cost, transaction_date, reverses_reference_id,
                                      reverses_line_number, of_invoice_id, of_line_number)
  SELECT movement.user_id, %(document_id)s,
         row_number() OVER (ORDER BY movement.transaction_date, movement.reference_id, movement.line_number), movement.inventory_item_id,
         'reversal', 'correction', -movement.quantity_change, movement.unit_cost, -movement.total_cost, movement.transaction_date,
         movement.reference_id, movement.line_number, movement.opening_id, movement.opening_line
    FROM (SELECT *, coalesce(of_invoice_id, reference_id) AS opening_id, coalesce(of_line_number, line_number) AS opening_line
            FROM inventory_transactions
           WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s AND transaction_type = 'adjustment') AS movement
   CROSS JOIN LATERAL (SELECT reference_type FROM inventory_transactions
                        WHERE user_id = %(user_id)s AND reference_id = movement.opening_id AND line_number = movement.opening_line
                        LIMIT 1) AS opening
    LEFT JOIN LATERAL (SELECT true AS found FROM inventory_transactions
                        WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                          AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
   WHERE opening.reference_type = 'opening' AND reversal.found IS NULL
  RETURNING line_number)
SELECT invoicedb_require(count(*) > 0, 'IV002', 'the opening stock was taken back by somebody else') FROM taken_back;
