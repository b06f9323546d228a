-- Where an item's numbers come from.

-- name: find_level
SELECT item.id, item.name, item.category, item.base_unit, item.current_quantity, item.last_purchase_price, item.last_purchase_date,
       item.last_base_unit_price, invoicedb_quotient(item.current_quantity * last.unit_price, last.base_quantity) AS last_value,
       last.currency AS last_currency
  FROM inventory_items AS item
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity, currency FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number LIMIT 1)
         AS last ON true
 WHERE item.user_id = %(user_id)s AND item.id = %(item_id)s;

-- name: find_merged_into
-- The item that an item was merged into: it has the stock now.
SELECT item.id, item.name, item.category, item.base_unit, item.current_quantity, item.last_purchase_price, item.last_purchase_date,
       item.last_base_unit_price, invoicedb_quotient(item.current_quantity * last.unit_price, last.base_quantity) AS last_value,
       last.currency AS last_currency
  FROM (SELECT merged_into_id FROM inventory_items WHERE user_id = %(user_id)s AND id = %(item_id)s LIMIT 1) AS merged
 CROSS JOIN LATERAL (SELECT * FROM inventory_items WHERE user_id = %(user_id)s AND id = merged.merged_into_id LIMIT 1) AS item
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity, currency FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number LIMIT 1)
         AS last ON true;

-- name: find_levels
-- Items whose name holds a text, in any case.
SELECT item.id, item.name, item.category, item.base_unit, item.current_quantity, item.last_purchase_price, item.last_purchase_date,
       item.last_base_unit_price, invoicedb_quotient(item.current_quantity * last.unit_price, last.base_quantity) AS last_value,
       last.currency AS last_currency
  FROM inventory_items AS item
  LEFT JOIN LATERAL (SELECT unit_price, base_quantity, currency FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = item.last_invoice_id AND line_number = item.last_line_number LIMIT 1)
         AS last ON true
 WHERE item.user_id = %(user_id)s AND item.user_id::text = %(user_id)s::text AND item.merged_into_id IS NULL
   AND strpos(lower(item.name), lower(%(text)s::text)) > 0
 ORDER BY item.user_id::text, item.name, item.id::text LIMIT %(limit)s;

-- name: list_movements
-- Newest first, by the effective date and then as they were booked. The stock after each counts all that came before it by this order,
-- so all of the item's movements are read; what they come from is looked up for those of the page alone. A movement stands for the line
-- of its own document, or for the one that its correction names; a reversal for that of what it reverses. Opening stock has no document:
-- it was there when its day began.
SELECT movement.transaction_date, movement.transaction_type, movement.quantity_change, movement.stock_after, movement.unit_cost,
       movement.total_cost, movement.reference_id, movement.reference_type, movement.line_number, movement.booked_at, movement.reason,
       movement.made_by, invoice.id, invoice.invoice_number, invoice.invoice_date, invoice.voided_at IS NOT NULL AS is_voided,
       invoice.currency, vendor.name AS vendor_name, line.line_number AS invoice_line_number, line.item_number, line.description,
       line.pack_size, line.quantity, line.unit_price, line.line_total, price.base_unit_price, price.previous_price,
       price.price_change_percent, line.match_method, line.match_score, line.match_reasons, mapping.review_state, mapping.decided_by,
       mapping.decision_reason, movement.reverses_reference_id, movement.reverses_line_number,
       reversal.reference_id AS reversed_by_id, reversal.line_number AS reversed_by_line_number
  FROM (SELECT movement.*,
               sum(movement.quantity_change) OVER (
                 ORDER BY movement.transaction_date, movement.booked_at, movement.reference_id, movement.line_number) AS stock_after
          FROM (SELECT movement.*, document.vendor_id, document.reason, document.made_by,
                       coalesce(document.created_at, movement.transaction_date::timestamp AT TIME ZONE 'UTC') AS booked_at
                  FROM (SELECT * FROM inventory_transactions WHERE user_id = %(user_id)s AND inventory_item_id = %(item_id)s) AS movement
                  LEFT JOIN LATERAL (SELECT created_at, vendor_id, reason, made_by FROM invoices
                                      WHERE user_id = %(user_id)s AND id = movement.reference_id LIMIT 1) AS document ON true) AS movement
        OFFSET 0) AS movement
  LEFT JOIN LATERAL (SELECT * FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reference_id = movement.reverses_reference_id
                        AND line_number = movement.reverses_line_number LIMIT 1) AS reversed ON true
  LEFT JOIN LATERAL (SELECT * FROM inventory_transactions
                      WHERE user_id = %(user_id)s AND reverses_reference_id = movement.reference_id
                        AND reverses_line_number = movement.line_number LIMIT 1) AS reversal ON true
  LEFT JOIN LATERAL (SELECT * FROM invoice_lines
                      WHERE user_id = %(user_id)s
                        AND invoice_id = coalesce(movement.of_invoice_id, reversed.of_invoice_id, reversed.reference_id, movement.reference_id)
                        AND line_number = coalesce(movement.of_line_number, reversed.of_line_number, reversed.line_number, movement.line_number)
                      LIMIT 1) AS line ON true
  LEFT JOIN LATERAL (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = line.invoice_id LIMIT 1) AS invoice ON true
  LEFT JOIN LATERAL (SELECT name FROM vendors WHERE user_id = %(user_id)s AND id = coalesce(movement.vendor_id, invoice.vendor_id) LIMIT 1)
         AS vendor ON true
  LEFT JOIN LATERAL (SELECT * FROM price_history
                      WHERE user_id = %(user_id)s AND invoice_id = line.invoice_id AND line_number = line.line_number LIMIT 1)
         AS price ON true
  LEFT JOIN LATERAL (SELECT * FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = coalesce(movement.vendor_id, invoice.vendor_id)
                        AND item_key = line.item_key AND pack_key = line.pack_key LIMIT 1) AS mapping ON true
 WHERE (movement.transaction_date, movement.booked_at, movement.reference_id, movement.line_number)
       < (%(after_date)s::date, %(after_time)s::timestamptz, %(after_id)s::uuid, %(after_line)s::int)
 ORDER BY movement.transaction_date DESC, movement.booked_at DESC, movement.reference_id DESC, movement.line_number DESC
 LIMIT %(limit)s;
