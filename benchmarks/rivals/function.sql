-- name: call
SELECT * FROM benchmark_book(%(user_id)s, %(invoice_id)s, %(new_vendor_id)s, %(vendor_name)s, %(vendor_key)s, %(invoice_number)s,
                             %(invoice_date)s::date, %(currency)s, %(total)s, %(content_hash)s, %(now)s, %(lines)s::jsonb);

-- name: function
CREATE OR REPLACE FUNCTION benchmark_book(the_user uuid, the_invoice uuid, new_vendor uuid, vendor_name text, vendor_key text, number text,
                                          dated date, money text, invoice_total numeric, hash text, at timestamptz, sent jsonb)
RETURNS TABLE (line_number int, inventory_item_id uuid, previous_price numeric, price_change_percent numeric, is_price_increase boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  the_vendor uuid;
  place bigint;
  lines_sent int := jsonb_array_length(sent);
  near_duplicate uuid;
  found_count int;
  merged boolean;
BEGIN
  IF EXISTS (SELECT FROM invoices WHERE id = the_invoice AND user_id = the_user) THEN
    RAISE EXCEPTION 'invoice % is booked already', the_invoice;
  END IF;

  INSERT INTO vendors AS vendor (user_id, id, name, normalized_name, posting_sequence, created_at)
  VALUES (the_user, new_vendor, vendor_name, vendor_key, 1, at)
  ON CONFLICT (normalized_name, user_id) DO UPDATE SET posting_sequence = vendor.posting_sequence + 1
  RETURNING vendor.id, vendor.posting_sequence INTO the_vendor, place;

  SELECT id INTO near_duplicate FROM invoices
   WHERE vendor_id = the_vendor AND invoice_date = dated AND total = invoice_total AND user_id = the_user
     AND line_count = lines_sent AND voided_at IS NULL AND status <> 'failed' LIMIT 1;
  IF FOUND THEN
    RAISE WARNING 'invoice % has the same date, total and number of lines', near_duplicate;
  END IF;

  INSERT INTO invoices (user_id, id, vendor_id, document_type, status, invoice_number, number_key, invoice_date, currency, total,
                        line_count, posting_sequence, sending, generation, content_hash, created_at)
  VALUES (the_user, the_invoice, the_vendor, 'invoice', 'success', number, number, dated, money, invoice_total, lines_sent, place, 1, 0,
          hash, at);

  INSERT INTO invoice_lines (user_id, invoice_id, sending, line_number, item_number, description, pack_size, category, quantity,
                             unit_price, line_total, cost_total, item_key, pack_key, inventory_item_id, base_quantity, match_method)
  SELECT the_user, the_invoice, 1, line.line_number, line.item_number, line.description, line.pack_size, line.category, line.quantity,
         line.unit_price, line.line_total, line.line_total, line.item_key, line.pack_key, mapping.inventory_item_id, mapping.base_quantity,
         CASE WHEN review_state = 'pending' OR line.reading = ANY (pending_readings) THEN 'fuzzy_review' ELSE 'exact' END
    FROM jsonb_to_recordset(sent) AS line (line_number int, item_number text, description text, pack_size text, category text,
           quantity numeric, unit_price numeric, line_total numeric, item_key text, pack_key text, reading text)
   CROSS JOIN LATERAL (
     SELECT * FROM vendor_item_mappings
      WHERE vendor_id = the_vendor AND item_key = line.item_key AND pack_key = line.pack_key AND user_id = the_user
        AND review_state <> 'rejected'
        AND (line.reading = '' OR line.reading = ANY (accepted_readings) OR line.reading = ANY (pending_readings)) LIMIT 1) AS mapping;
  GET DIAGNOSTICS found_count = ROW_COUNT;
  IF found_count <> lines_sent THEN
    RAISE EXCEPTION 'only % of % lines are known', found_count, lines_sent;
  END IF;

  SELECT bool_or(item.merged_into_id IS NOT NULL) INTO merged
    FROM (SELECT item.merged_into_id
            FROM (SELECT DISTINCT inventory_item_id FROM invoice_lines
                   WHERE invoice_id = the_invoice AND user_id = the_user ORDER BY 1) AS line
           CROSS JOIN LATERAL (SELECT merged_into_id FROM inventory_items
                                WHERE id = line.inventory_item_id AND user_id = the_user FOR NO KEY UPDATE) AS item) AS item;
  IF merged THEN
    RAISE EXCEPTION 'an item was merged into another';
  END IF;

  INSERT INTO inventory_transactions (user_id, reference_id, line_number, inventory_item_id, transaction_type, reference_type,
                                      quantity_change, unit_cost, total_cost, transaction_date)
  SELECT the_user, the_invoice, line_number, inventory_item_id, 'purchase', 'invoice', quantity * base_quantity,
         invoicedb_quotient(line_total, quantity * base_quantity), line_total, dated
    FROM invoice_lines WHERE invoice_id = the_invoice AND user_id = the_user;

  RETURN QUERY
  INSERT INTO price_history AS price (user_id, invoice_id, line_number, inventory_item_id, vendor_id, invoice_date, posting_sequence,
                             unit_price, pack_size, base_quantity, base_unit_price, currency, previous_price, price_change_percent,
                             is_price_increase)
  SELECT the_user, the_invoice, line_number, inventory_item_id, the_vendor, dated, place, unit_price, pack_size, base_quantity,
         invoicedb_quotient(unit_price, base_quantity), money, invoicedb_quotient(price_before * base_quantity, base_before),
         invoicedb_percent(price_before * base_quantity, unit_price * base_before),
         unit_price * base_before > price_before * base_quantity
    FROM (SELECT line.*, coalesce(line.lag_price, point.unit_price) AS price_before,
                 coalesce(line.lag_base, point.base_quantity) AS base_before
            FROM (SELECT line_number, inventory_item_id, unit_price, pack_size, base_quantity,
                         lag(unit_price) OVER earlier AS lag_price, lag(base_quantity) OVER earlier AS lag_base
                    FROM invoice_lines WHERE invoice_id = the_invoice AND user_id = the_user
                  WINDOW earlier AS (PARTITION BY inventory_item_id ORDER BY line_number)) AS line
            LEFT JOIN LATERAL (
              SELECT unit_price, base_quantity FROM price_history
               WHERE inventory_item_id = line.inventory_item_id AND vendor_id = the_vendor AND user_id = the_user AND voided_at IS NULL
                 AND (invoice_date, posting_sequence, invoice_id, line_number) < (dated, place, the_invoice, line.line_number)
               ORDER BY invoice_date DESC, posting_sequence DESC, invoice_id DESC, line_number DESC LIMIT 1) AS point
              ON line.lag_price IS NULL) AS line
  RETURNING price.line_number, price.inventory_item_id, price.previous_price, price.price_change_percent, price.is_price_increase;

  UPDATE price_history AS next
     SET previous_price = invoicedb_quotient(point.unit_price * next.base_quantity, point.base_quantity),
         price_change_percent = invoicedb_percent(point.unit_price * next.base_quantity, next.unit_price * point.base_quantity),
         is_price_increase = next.unit_price * point.base_quantity > point.unit_price * next.base_quantity
    FROM (SELECT successor.user_id, successor.invoice_id, successor.line_number, point.unit_price, point.base_quantity
            FROM (SELECT inventory_item_id, line_number, unit_price, base_quantity FROM price_history
                   WHERE invoice_id = the_invoice AND user_id = the_user) AS point
           CROSS JOIN LATERAL (
             SELECT user_id, invoice_id, line_number FROM price_history
              WHERE inventory_item_id = point.inventory_item_id AND vendor_id = the_vendor AND user_id = the_user AND voided_at IS NULL
                AND (invoice_date, posting_sequence, invoice_id, line_number) > (dated, place, the_invoice, point.line_number)
              ORDER BY invoice_date, posting_sequence, invoice_id, line_number LIMIT 1) AS successor
           WHERE successor.invoice_id <> the_invoice OFFSET 0) AS point
   WHERE next.invoice_id = point.invoice_id AND next.line_number = point.line_number AND next.user_id = point.user_id;

  UPDATE inventory_items AS item
     SET current_quantity = item.current_quantity + moved.quantity,
         last_purchase_price = CASE WHEN moved.is_last THEN moved.price ELSE item.last_purchase_price END,
         last_base_unit_price = CASE WHEN moved.is_last THEN moved.base_unit_price ELSE item.last_base_unit_price END,
         last_purchase_date = CASE WHEN moved.is_last THEN dated ELSE item.last_purchase_date END,
         last_vendor_id = CASE WHEN moved.is_last THEN the_vendor ELSE item.last_vendor_id END,
         last_posting_sequence = CASE WHEN moved.is_last THEN place ELSE item.last_posting_sequence END,
         last_invoice_id = CASE WHEN moved.is_last THEN the_invoice ELSE item.last_invoice_id END,
         last_line_number = CASE WHEN moved.is_last THEN moved.line_number ELSE item.last_line_number END
    FROM (SELECT line.*, invoicedb_quotient(line.price, line.pack_quantity) AS base_unit_price,
                 item.last_purchase_date IS NULL
                 OR (item.last_purchase_date, item.last_vendor_id, item.last_posting_sequence, item.last_invoice_id, item.last_line_number)
                    < (dated, the_vendor, place, the_invoice, line.line_number) AS is_last
            FROM (SELECT user_id, inventory_item_id, sum(quantity * base_quantity) AS quantity, max(line_number) AS line_number,
                         (array_agg(unit_price ORDER BY line_number DESC))[1] AS price,
                         (array_agg(base_quantity ORDER BY line_number DESC))[1] AS pack_quantity
                    FROM invoice_lines WHERE invoice_id = the_invoice AND user_id = the_user GROUP BY 1, 2) AS line
           CROSS JOIN LATERAL (SELECT * FROM inventory_items WHERE id = line.inventory_item_id AND user_id = the_user LIMIT 1) AS item
         OFFSET 0) AS moved
   WHERE item.id = moved.inventory_item_id AND item.user_id = moved.user_id;
END $$;
