-- The statements of the pattern's two processors, over invoicedb's tables. They leave no lines of the document: the pattern has no
-- table for them.

-- name: create_or_get_vendor
INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
VALUES (%(user_id)s, %(new_id)s, %(name)s, lower(%(name)s::text), 1, now())
ON CONFLICT (normalized_name, user_id) DO UPDATE SET posting_sequence = vendors.posting_sequence + 1
RETURNING id, posting_sequence;

-- name: add_invoice
INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total, line_count,
                      posting_sequence, sending, generation, content_hash, created_at)
VALUES (%(user_id)s, %(invoice_id)s, %(vendor_id)s, 'invoice', 'success', %(invoice_number)s, %(invoice_number)s, %(invoice_date)s,
        %(currency)s, 0, %(line_count)s, %(posting_sequence)s, 1, 0, '', now());

-- name: finish_invoice
UPDATE invoices SET total = %(total)s WHERE user_id = %(user_id)s AND id = %(invoice_id)s;

-- name: find_mapping
SELECT inventory_item_id, base_quantity FROM vendor_item_mappings
 WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = %(item_key)s AND pack_key = %(pack_key)s;

-- name: find_mapping_and_item
-- The mapping with its item embedded, as a REST layer can: one statement fewer a line.
SELECT mapping.inventory_item_id, mapping.base_quantity, item.current_quantity, item.last_purchase_price
  FROM vendor_item_mappings AS mapping
  JOIN inventory_items AS item ON item.user_id = mapping.user_id AND item.id = mapping.inventory_item_id
 WHERE mapping.user_id = %(user_id)s AND mapping.vendor_id = %(vendor_id)s AND mapping.item_key = %(item_key)s
   AND mapping.pack_key = %(pack_key)s;

-- name: find_stock
SELECT id, current_quantity FROM inventory_items WHERE user_id = %(user_id)s AND id = ANY (%(item_ids)s);

-- name: find_previous_prices
-- Of all time, the latest first: the client takes the first of each item.
SELECT inventory_item_id, unit_price FROM price_history
 WHERE user_id = %(user_id)s AND inventory_item_id = ANY (%(item_ids)s) AND vendor_id = %(vendor_id)s AND voided_at IS NULL
 ORDER BY invoice_date DESC;

-- name: set_stock
UPDATE inventory_items
   SET current_quantity = %(current_quantity)s, last_purchase_price = %(unit_price)s, last_purchase_date = %(invoice_date)s,
       last_base_unit_price = %(base_unit_price)s, last_vendor_id = %(vendor_id)s, last_posting_sequence = %(posting_sequence)s,
       last_invoice_id = %(invoice_id)s, last_line_number = %(line_number)s
 WHERE user_id = %(user_id)s AND id = %(item_id)s;

-- name: add_movements
INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                    quantity_change, unit_cost, total_cost, transaction_date)
SELECT %(user_id)s, %(invoice_id)s, line_number, inventory_item_id, 'purchase', 'invoice', quantity_change, unit_cost, total_cost,
       %(invoice_date)s
  FROM jsonb_to_recordset(%(rows)s::jsonb)
       AS line (line_number int, inventory_item_id uuid, quantity_change numeric, unit_cost numeric, total_cost numeric);

-- name: add_prices
INSERT INTO price_history (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price,
                           pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent, is_price_increase)
SELECT %(user_id)s, %(invoice_id)s, line_number, inventory_item_id, %(vendor_id)s, %(invoice_date)s, %(posting_sequence)s, unit_price,
       pack_size, base_quantity, base_unit_price, %(currency)s, previous_price, price_change_percent, is_price_increase
  FROM jsonb_to_recordset(%(rows)s::jsonb)
       AS line (line_number int, inventory_item_id uuid, unit_price numeric, pack_size text, base_quantity numeric,
                base_unit_price numeric, previous_price numeric, price_change_percent numeric, is_price_increase boolean);
