-- The look-ups: no locks. The first leaves three settings: invoicedb.bet, won or lost; invoicedb.known, the ids of the invoice or its
-- number; invoicedb.unmapped, the lines without an accepted mapping. The second tells what only a lost bet needs to know.

-- name: look_up
SELECT coalesce(catalog.version, 0) AS catalog_version, unmapped.line_numbers,
       set_config('invoicedb.bet', CASE WHEN by_id.id IS NULL AND by_number.id IS NULL AND unmapped.lines IS NULL
                                        THEN 'won' ELSE 'lost' END, true) AS bet,
       set_config('invoicedb.known', concat_ws(',', by_id.id, by_number.id), true) AS known,
       set_config('invoicedb.unmapped', coalesce(unmapped.lines, '[]'), true) IS NULL AS not_echoed
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor ON true
  LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
  LEFT JOIN LATERAL (SELECT id FROM invoices WHERE user_id = %(user_id)s AND id = %(invoice_id)s LIMIT 1) AS by_id ON true
  LEFT JOIN LATERAL (SELECT id FROM invoices WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND number_key = %(number_key)s
                        AND voided_at IS NULL AND id <> %(invoice_id)s LIMIT 1) AS by_number ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(line.line_number) AS line_numbers,
           jsonb_agg(jsonb_build_object('line_number', line.line_number, 'item_key', line.item_key, 'pack_key', line.pack_key))::text AS lines
      FROM jsonb_to_recordset(current_setting('invoicedb.lines')::jsonb)
           AS line (line_number int, item_key text, pack_key text, reading text)
      LEFT JOIN LATERAL (SELECT true AS found FROM vendor_item_mappings
                          WHERE user_id = %(user_id)s AND vendor_id = vendor.id
                            AND item_key = line.item_key AND pack_key = line.pack_key AND review_state <> 'rejected'
                            AND (line.reading = '' OR line.reading = ANY (accepted_readings) OR line.reading = ANY (pending_readings))
                          LIMIT 1) AS mapping ON true
     WHERE line.item_key IS NOT NULL AND mapping.found IS NULL) AS unmapped ON true;

-- name: look_up_lost
-- As JSON, numbers as text: of a won bet there is nothing to ask, and one statement that answers nothing costs less than three.
SELECT (-- The tenant's own rules, and its abbreviations.
         SELECT jsonb_build_array(catalog.fuzzy_auto::text, catalog.fuzzy_review::text, coalesce(catalog.never_create, false),
                  coalesce(catalog.review_everything, false),
                  (SELECT coalesce(jsonb_agg(jsonb_build_array(abbreviation, expansion) ORDER BY abbreviation), '[]') FROM abbreviations
                    WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text))
           FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT * FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
       ) AS rules,
       (-- The invoice under this id, and under this vendor's number.
         SELECT jsonb_agg(jsonb_build_array(
                  invoice.id, invoice.vendor_id, vendor.normalized_name, invoice.status, invoice.invoice_number, invoice.invoice_date,
                  invoice.currency, invoice.posting_sequence, invoice.sending, invoice.generation, invoice.content_hash,
                  invoice.voided_at IS NOT NULL))
           FROM unnest(string_to_array(nullif(current_setting('invoicedb.known'), ''), ',')::uuid[]) AS known (id)
          CROSS JOIN LATERAL (SELECT * FROM invoices WHERE user_id = %(user_id)s AND id = known.id LIMIT 1) AS invoice
          CROSS JOIN LATERAL (SELECT normalized_name FROM vendors WHERE user_id = %(user_id)s AND id = coalesce(invoice.named_vendor_id, invoice.vendor_id) LIMIT 1)
                AS vendor
       ) AS invoices,
       (-- All packs of an unmapped line's item key, its own first: one of them may tell what the line is.
         SELECT jsonb_agg(jsonb_build_array(
                  line.line_number, mapping.item_key, mapping.pack_key, mapping.inventory_item_id, mapping.base_quantity::text,
                  mapping.pack_size, mapping.description, mapping.accepted_readings, mapping.pending_readings, mapping.review_state,
                  mapping.rejected_item_ids, item.name, item.base_unit, item.conversions) ORDER BY line.line_number, mapping.pack_key)
           FROM jsonb_to_recordset(current_setting('invoicedb.unmapped')::jsonb) AS line (line_number int, item_key text, pack_key text)
          CROSS JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
          CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                               WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND item_key = line.item_key
                               ORDER BY pack_key <> line.pack_key, pack_key LIMIT 100) AS mapping
          CROSS JOIN LATERAL (SELECT name, base_unit, conversions FROM inventory_items
                               WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item
       ) AS mappings,
       (-- The 20 items that share most match keys with an unmapped line, with every description and pack that is mapped to them, and the
        -- numbers by which this vendor sells them; and, with 0 hits, those that its item key is mapped to: by this line, a later one may come to share keys with them.
        -- At most 64 items a key, in the order of the primary key: the same ones every time. Keys are base64 of big-endian int8.
         SELECT jsonb_agg(jsonb_build_array(
                  line.line_number, candidate.inventory_item_id, candidate.hits, item.name, item.base_unit, item.conversions,
                  coalesce(alias.descriptions, '{}'), coalesce(alias.packs, '{}'), coalesce(alias.numbers, '{}'))
                  ORDER BY line.line_number, candidate.hits DESC, candidate.inventory_item_id)
           FROM (SELECT line_number, item_key, decode(%(match_keys)s::jsonb ->> line_number::text, 'base64') AS keys
                   FROM jsonb_to_recordset(current_setting('invoicedb.unmapped')::jsonb) AS line (line_number int, item_key text)) AS line
           LEFT JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS id FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
                  ON true
          CROSS JOIN LATERAL (
            (SELECT found.inventory_item_id, count(*) AS hits
               FROM generate_series(0, length(line.keys) / 8 - 1) AS place
              CROSS JOIN LATERAL (
                SELECT inventory_item_id FROM item_match_keys
                 WHERE match_key = ('x' || encode(substring(line.keys FROM place * 8 + 1 FOR 8), 'hex'))::bit(64)::bigint
                   AND user_id = %(user_id)s
                 ORDER BY match_key, user_id, inventory_item_id LIMIT 64) AS found
              GROUP BY found.inventory_item_id ORDER BY count(*) DESC, found.inventory_item_id LIMIT 20)
            UNION ALL
            SELECT DISTINCT mapping.inventory_item_id, 0
              FROM (SELECT inventory_item_id FROM vendor_item_mappings
                     WHERE user_id = %(user_id)s AND vendor_id = vendor.id AND item_key = line.item_key
                     ORDER BY vendor_id, item_key, pack_key LIMIT 100) AS mapping) AS candidate
          CROSS JOIN LATERAL (SELECT name, base_unit, conversions FROM inventory_items
                               WHERE user_id = %(user_id)s AND id = candidate.inventory_item_id AND merged_into_id IS NULL LIMIT 1) AS item
          CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT reading ORDER BY reading) FILTER (WHERE reading <> '' AND is_decided) AS descriptions,
                   array_agg(DISTINCT pack_size ORDER BY pack_size) FILTER (WHERE pack_size IS NOT NULL AND is_decided) AS packs,
                   array_agg(DISTINCT item_key ORDER BY item_key) FILTER (WHERE is_ours AND item_key LIKE 'n:%%') AS numbers
              FROM (SELECT accepted_readings, pack_size, item_key, review_state <> 'pending' AS is_decided,
                           vendor_id IS NOT DISTINCT FROM vendor.id AS is_ours
                      FROM vendor_item_mappings
                     WHERE user_id = %(user_id)s AND inventory_item_id = candidate.inventory_item_id AND review_state <> 'rejected'
                     ORDER BY vendor_id IS DISTINCT FROM vendor.id, vendor_id, item_key, pack_key LIMIT 50) AS mapping
             CROSS JOIN LATERAL unnest(mapping.accepted_readings) AS reading) AS alias
       ) AS candidates
 WHERE current_setting('invoicedb.bet') = 'lost';

-- name: bet
-- Loses unless the invoice and its number are new and every good line has its mapping. All that follows in the pipeline is then
-- skipped: no row is written, and what was looked up is in hand.
SELECT invoicedb_require(current_setting('invoicedb.bet') = 'won', 'IV001',
                         'not every line of this invoice is known yet: planning follows');
