-- name: call
WITH head AS (
  SELECT %(user_id)s::uuid AS user_id, %(invoice_id)s::uuid AS invoice_id, %(invoice_date)s::date AS invoice_date, %(now)s::timestamptz AS now
), vendor AS (
  INSERT INTO vendors AS vendor (user_id, id, name, normalized_name, posting_sequence, created_at)
  SELECT user_id, %(new_vendor_id)s, %(vendor_name)s, %(vendor_key)s, 1, now FROM head
  ON CONFLICT (normalized_name, user_id) DO UPDATE SET posting_sequence = vendor.posting_sequence + 1
  RETURNING vendor.id, vendor.posting_sequence
), invoice AS (
  INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total,
                        line_count, posting_sequence, sending, generation, content_hash, created_at)
  SELECT user_id, invoice_id, vendor.id, 'invoice', 'success', %(invoice_number)s, %(invoice_number)s, invoice_date, %(currency)s,
         %(total)s, jsonb_array_length(%(lines)s::jsonb), vendor.posting_sequence, 1, 0, %(content_hash)s, now
    FROM head CROSS JOIN vendor
  RETURNING user_id, id, vendor_id, invoice_date, posting_sequence, currency, line_count
), line AS (
  INSERT INTO invoice_lines (user_id, invoice_id, sending, line_number, item_number, description, pack_size, category, quantity,
                             unit_price, line_total, cost_total, item_key, pack_key, inventory_item_id, base_quantity, match_method)
  SELECT invoice.user_id, invoice.id, 1, line.line_number, line.item_number, line.description, line.pack_size, line.category, line.quantity,
         line.unit_price, line.line_total, line.line_total, line.item_key, line.pack_key, mapping.inventory_item_id, mapping.base_quantity,
         CASE WHEN review_state = 'pending' OR line.reading = ANY (pending_readings) THEN 'fuzzy_review' ELSE 'exact' END
    FROM invoice
   CROSS JOIN jsonb_to_recordset(%(lines)s::jsonb) AS line (line_number int, item_number text, description text, pack_size text,
           category text, quantity numeric, unit_price numeric, line_total numeric, item_key text, pack_key text, reading text)
    LEFT JOIN LATERAL (
     SELECT * FROM vendor_item_mappings AS known
      WHERE known.vendor_id = invoice.vendor_id AND known.item_key = line.item_key AND known.pack_key = line.pack_key
        AND known.user_id = invoice.user_id AND review_state <> 'rejected'
        AND (line.reading = '' OR line.reading = ANY (accepted_readings) OR line.reading = ANY (pending_readings)) LIMIT 1) AS mapping
      ON true  -- without its mapping a line violates a constraint, and the whole statement fails
  RETURNING invoice_id, user_id, line_number, inventory_item_id, quantity, unit_price, line_total, pack_size, base_quantity
), movement AS (
  INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                      quantity_change, unit_cost, total_cost, transaction_date)
  SELECT line.user_id, line.invoice_id, line_number, inventory_item_id, 'purchase', 'invoice', quantity * base_quantity,
         invoicedb_quotient(line_total, quantity * base_quantity), line_total, head.invoice_date
    FROM line CROSS JOIN head
), price AS (
  INSERT INTO price_history AS price (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence,
                             unit_price, pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent,
                             is_price_increase)
  SELECT user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence, unit_price, pack_size,
         base_quantity, invoicedb_quotient(unit_price, base_quantity), currency,
         invoicedb_quotient(price_before * base_quantity, base_before),
         invoicedb_percent(price_before * base_quantity, unit_price * base_before),
         unit_price * base_before > price_before * base_quantity
    FROM (SELECT line.*, coalesce(line.lag_price, point.unit_price) AS price_before,
                 coalesce(line.lag_base, point.base_quantity) AS base_before
            FROM (SELECT line.*, vendor_id, invoice_date, posting_sequence, currency,
                         lag(unit_price) OVER earlier AS lag_price, lag(base_quantity) OVER earlier AS lag_base
                    FROM line CROSS JOIN invoice
                  WINDOW earlier AS (PARTITION BY inventory_item_id ORDER BY line_number)) AS line
            LEFT JOIN LATERAL (
              SELECT unit_price, base_quantity FROM price_history AS known
               WHERE known.inventory_item_id = line.inventory_item_id AND known.vendor_id = line.vendor_id AND known.user_id = line.user_id
                 AND voided_at IS NULL AND (known.invoice_date, known.posting_sequence, known.invoice_id, known.line_number)
                                           < (line.invoice_date, line.posting_sequence, line.invoice_id, line.line_number)
               ORDER BY known.invoice_date DESC, known.posting_sequence DESC, known.invoice_id DESC, known.line_number DESC LIMIT 1) AS point
              ON line.lag_price IS NULL) AS line
  RETURNING price.line_number, price.inventory_item_id, price.previous_price, price.price_change_percent, price.is_price_increase
), mended AS (
  UPDATE price_history AS next
     SET previous_price = invoicedb_quotient(point.unit_price * next.base_quantity, point.base_quantity),
         price_change_percent = invoicedb_percent(point.unit_price * next.base_quantity, next.unit_price * point.base_quantity),
         is_price_increase = next.unit_price * point.base_quantity > point.unit_price * next.base_quantity
    FROM (SELECT successor.user_id, successor.invoice_id, successor.line_number, point.unit_price, point.base_quantity
            FROM (SELECT DISTINCT ON (inventory_item_id) line.*, vendor_id, invoice_date, posting_sequence
                    FROM line CROSS JOIN invoice ORDER BY inventory_item_id, line_number DESC) AS point
           CROSS JOIN LATERAL (
             SELECT user_id, invoice_id, line_number FROM price_history AS known
              WHERE known.inventory_item_id = point.inventory_item_id AND known.vendor_id = point.vendor_id
                AND known.user_id = point.user_id AND voided_at IS NULL
                AND (known.invoice_date, known.posting_sequence, known.invoice_id, known.line_number)
                    > (point.invoice_date, point.posting_sequence, point.invoice_id, point.line_number)
              ORDER BY known.invoice_date, known.posting_sequence, known.invoice_id, known.line_number LIMIT 1) AS successor
          OFFSET 0) AS point
   WHERE next.invoice_id = point.invoice_id AND next.line_number = point.line_number AND next.user_id = point.user_id
), stock AS (
  UPDATE inventory_items AS item
     SET current_quantity = item.current_quantity + moved.quantity,
         last_purchase_price = CASE WHEN moved.is_last THEN moved.price ELSE item.last_purchase_price END,
         last_base_unit_price = CASE WHEN moved.is_last THEN moved.base_unit_price ELSE item.last_base_unit_price END,
         last_purchase_date = CASE WHEN moved.is_last THEN moved.invoice_date ELSE item.last_purchase_date END,
         last_vendor_id = CASE WHEN moved.is_last THEN moved.vendor_id ELSE item.last_vendor_id END,
         last_posting_sequence = CASE WHEN moved.is_last THEN moved.posting_sequence ELSE item.last_posting_sequence END,
         last_invoice_id = CASE WHEN moved.is_last THEN moved.invoice_id ELSE item.last_invoice_id END,
         last_line_number = CASE WHEN moved.is_last THEN moved.line_number ELSE item.last_line_number END
    FROM (SELECT line.*, invoice.vendor_id, invoice.invoice_date, invoice.posting_sequence,
                 invoicedb_quotient(line.price, line.pack_quantity) AS base_unit_price,
                 item.last_purchase_date IS NULL
                 OR (item.last_purchase_date, item.last_vendor_id, item.last_posting_sequence, item.last_invoice_id, item.last_line_number)
                    < (invoice.invoice_date, invoice.vendor_id, invoice.posting_sequence, line.invoice_id, line.line_number) AS is_last
            FROM (SELECT user_id, invoice_id, inventory_item_id, sum(quantity * base_quantity) AS quantity, max(line_number) AS line_number,
                         (array_agg(unit_price ORDER BY line_number DESC))[1] AS price,
                         (array_agg(base_quantity ORDER BY line_number DESC))[1] AS pack_quantity
                    FROM line GROUP BY 1, 2, 3) AS line
           CROSS JOIN invoice
           CROSS JOIN LATERAL (SELECT * FROM inventory_items AS known
                                WHERE known.id = line.inventory_item_id AND known.user_id = line.user_id LIMIT 1) AS item
         OFFSET 0) AS moved
   WHERE item.id = moved.inventory_item_id AND item.user_id = moved.user_id
)
SELECT line_number, inventory_item_id, previous_price, price_change_percent, is_price_increase FROM price;
