-- Two vendors are one, and are two again. Whatever names either of them then finds the one that is left: every statement that finds a
-- vendor by its name takes coalesce(merged_into_id, id). Locks in the booking's order: catalog, merged names, vendors by id, documents,
-- items by id.

-- name: find_vendor_named
-- The row of the very name, and the vendor that it was merged into.
SELECT vendor.id, vendor.name, other.id AS merged_into_id, other.name AS merged_into_name
  FROM (SELECT * FROM vendors WHERE user_id = %(user_id)s AND normalized_name = %(vendor_key)s LIMIT 1) AS vendor
  LEFT JOIN LATERAL (SELECT id, name FROM vendors WHERE user_id = %(user_id)s AND id = vendor.merged_into_id LIMIT 1) AS other ON true;

-- name: look_up_vendors
-- The catalog's version, a vendor, and the one that it is to be merged into, or was; through which other one, if it was.
SELECT coalesce(catalog.version, 0) AS catalog_version, vendor.id, vendor.name, vendor.merged_into_id, other.id AS into_id,
       other.name AS into_name, other.merged_into_id AS into_merged_into_id, through.id AS through_id, through.name AS through_name,
       vendor.merge_record -> 'names' AS names
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (SELECT version FROM catalogs WHERE user_id = %(user_id)s LIMIT 1) AS catalog ON true
  LEFT JOIN LATERAL (SELECT * FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor ON true
  LEFT JOIN LATERAL (SELECT * FROM vendors
                      WHERE user_id = %(user_id)s AND id = coalesce(%(into_vendor_id)s::uuid, vendor.merged_into_id) LIMIT 1) AS other ON true
  LEFT JOIN LATERAL (SELECT id, name FROM vendors
                      WHERE user_id = %(user_id)s AND id = (vendor.merge_record ->> 'into_id')::uuid AND id <> vendor.merged_into_id LIMIT 1)
         AS through ON true;

-- name: list_number_collisions
-- Numbers that stand on both sides: it may be one invoice that was booked twice.
SELECT invoice.invoice_number, invoice.id, other.id AS into_id
  FROM (SELECT id, invoice_number, number_key, voided_at FROM invoices
         WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s OFFSET 0) AS invoice
 CROSS JOIN LATERAL (SELECT id FROM invoices
                      WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND number_key = invoice.number_key
                        AND voided_at IS NULL LIMIT 1) AS other
 WHERE invoice.voided_at IS NULL
 ORDER BY invoice.invoice_number, invoice.id;

-- name: list_mapping_collisions
-- Keys that mean one thing on one side and another on the other. One that was rejected gives way.
SELECT mapping.item_key, mapping.pack_key, mapping.description, mapping.inventory_item_id, item.name, mapping.base_quantity,
       other.inventory_item_id AS into_item_id, other_item.name AS into_item_name, other.base_quantity AS into_base_quantity
  FROM (SELECT * FROM vendor_item_mappings
         WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND review_state <> 'rejected') AS mapping
 CROSS JOIN LATERAL (SELECT inventory_item_id, base_quantity FROM vendor_item_mappings
                      WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = mapping.item_key
                        AND pack_key = mapping.pack_key AND review_state <> 'rejected' LIMIT 1) AS other
 CROSS JOIN LATERAL (SELECT name FROM inventory_items WHERE user_id = %(user_id)s AND id = mapping.inventory_item_id LIMIT 1) AS item
 CROSS JOIN LATERAL (SELECT name FROM inventory_items WHERE user_id = %(user_id)s AND id = other.inventory_item_id LIMIT 1) AS other_item
 WHERE (mapping.inventory_item_id, mapping.base_quantity) <> (other.inventory_item_id, other.base_quantity)
 ORDER BY mapping.item_key, mapping.pack_key;

-- ---- what both directions take ----

-- name: lock_vendors_of_merge
-- A booking locks the name that it was sent under, then the vendor. So do we: merged names first, each kind by id.
SELECT vendor.id
  FROM (SELECT wanted.id
          FROM (SELECT id, true AS is_name FROM vendors WHERE user_id = %(user_id)s AND merged_into_id = %(vendor_id)s
                UNION
                SELECT vendor.id, vendor.merged_into_id IS NOT NULL
                  FROM unnest(ARRAY[%(vendor_id)s, %(into_vendor_id)s]::uuid[] || coalesce(%(names)s::uuid[], '{}')) AS named (id)
                 CROSS JOIN LATERAL (SELECT id, merged_into_id FROM vendors WHERE user_id = %(user_id)s AND id = named.id LIMIT 1) AS vendor)
               AS wanted
         ORDER BY NOT wanted.is_name, wanted.id) AS wanted
 CROSS JOIN LATERAL (SELECT id FROM vendors WHERE user_id = %(user_id)s AND id = wanted.id FOR NO KEY UPDATE) AS vendor;

-- name: page_of_vendor
-- Leaves invoicedb.page, the items of which prices go from the one vendor to the other, and invoicedb.shift, what is added to the
-- posting sequences that go: of a merge, how far the other one is, so that on one date the other's come first; back, as much less.
-- `names` NULL: all documents.
SELECT set_config('invoicedb.page', coalesce(array_agg(DISTINCT price.inventory_item_id), '{}')::text, true) IS NULL AS not_echoed,
       set_config('invoicedb.shift', (
         SELECT coalesce(-(vendor.merge_record ->> 'shift')::bigint, other.posting_sequence)::text
           FROM (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
          CROSS JOIN LATERAL (SELECT posting_sequence FROM vendors WHERE user_id = %(user_id)s AND id = %(into_vendor_id)s LIMIT 1)
                  AS other), true) IS NULL AS not_echoed_either
  FROM (SELECT id FROM invoices
         WHERE user_id = %(user_id)s AND vendor_id = %(from_id)s
           AND (%(names)s::uuid[] IS NULL OR named_vendor_id = ANY (%(names)s::uuid[]))) AS invoice
 CROSS JOIN LATERAL (SELECT inventory_item_id FROM price_history WHERE user_id = %(user_id)s AND invoice_id = invoice.id) AS price;

-- name: move_documents_of_vendor
-- Each remembers the vendor that it names, as long as that is not the vendor that it is of. None is dated before the day that is locked:
-- then no price before it has another predecessor either.
WITH moved AS (
  UPDATE invoices AS invoice
     SET vendor_id = %(to_id)s, posting_sequence = invoice.posting_sequence + moved.shift,
         named_vendor_id = nullif(coalesce(invoice.named_vendor_id, invoice.vendor_id), %(to_id)s)
    FROM (SELECT user_id, id, current_setting('invoicedb.shift')::bigint AS shift FROM invoices
           WHERE user_id = %(user_id)s AND vendor_id = %(from_id)s
             AND (%(names)s::uuid[] IS NULL OR named_vendor_id = ANY (%(names)s::uuid[])) OFFSET 0) AS moved
   WHERE invoice.user_id = moved.user_id AND invoice.id = moved.id
  RETURNING invoice.document_type,
            (SELECT invoicedb_require(strpos(current_setting('invoicedb.rights'), 'override_period_lock') > 0, 'IV007', locked_before::text)
               FROM catalogs WHERE user_id = %(user_id)s AND locked_before > invoice.invoice_date LIMIT 1) AS unlocked)
SELECT count(*) FROM moved WHERE document_type IN ('invoice', 'credit_memo');

-- name: move_prices_of_vendor
-- By way of the documents: voided points are in no index by vendor.
UPDATE price_history AS price SET vendor_id = moved.vendor_id, posting_sequence = moved.posting_sequence
  FROM (SELECT point.user_id, point.invoice_id, point.line_number, invoice.vendor_id, invoice.posting_sequence
          FROM (SELECT id, vendor_id, posting_sequence FROM invoices
                 WHERE user_id = %(user_id)s AND vendor_id = %(to_id)s
                   AND (named_vendor_id IS NOT NULL OR vendor_id = %(vendor_id)s)) AS invoice
         CROSS JOIN LATERAL (SELECT user_id, invoice_id, line_number FROM price_history
                              WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND vendor_id <> invoice.vendor_id) AS point
        OFFSET 0) AS moved
 WHERE price.user_id = moved.user_id AND price.invoice_id = moved.invoice_id AND price.line_number = moved.line_number;

-- ---- the merge ----

-- name: require_numbers_apart
-- Under the vendors' locks. Mappings can't have come meanwhile: the catalog's version says so.
SELECT invoicedb_require(count(*) = 0, 'IV002', 'a number of the other vendor''s was booked meanwhile')
  FROM (SELECT number_key, voided_at FROM invoices
         WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s OFFSET 0) AS invoice
 CROSS JOIN LATERAL (SELECT id FROM invoices
                      WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND number_key = invoice.number_key
                        AND voided_at IS NULL LIMIT 1) AS other
 WHERE invoice.voided_at IS NULL;

-- name: mark_vendor_merged
-- Before anything moves: what the un-merge takes back is told by what is there now. `names` are those that had been merged into it,
-- `mappings` the keys that go over, `united` the mappings that are there on both sides, as they were.
UPDATE vendors AS vendor
   SET merged_into_id = %(into_vendor_id)s,
       merge_record = jsonb_build_object(
         'at', %(now)s::timestamptz, 'reason', %(reason)s::text, 'made_by', %(made_by)s::text, 'into_id', %(into_vendor_id)s::uuid,
         'shift', current_setting('invoicedb.shift')::bigint, 'names', found.names, 'mappings', found.mappings, 'united', found.united)
  FROM (SELECT %(user_id)s::uuid AS user_id, %(vendor_id)s::uuid AS id,
               (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM vendors
                 WHERE user_id = %(user_id)s AND merged_into_id = %(vendor_id)s) AS names,
               mapped.mappings, mapped.united
          FROM (SELECT coalesce(jsonb_agg(jsonb_build_array(source.item_key, source.pack_key))
                                  FILTER (WHERE target.row IS NULL OR target.gives_way AND source.review_state <> 'rejected'), '[]')
                         AS mappings,
                       coalesce(jsonb_agg(jsonb_build_array(to_jsonb(source), target.row))
                                  FILTER (WHERE target.row IS NOT NULL
                                                AND NOT (target.gives_way AND source.review_state <> 'rejected')), '[]') AS united
                  FROM (SELECT * FROM vendor_item_mappings WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s) AS source
                  LEFT JOIN LATERAL (SELECT to_jsonb(mapping) AS row, review_state = 'rejected' AS gives_way
                                       FROM vendor_item_mappings AS mapping
                                      WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = source.item_key
                                        AND pack_key = source.pack_key LIMIT 1) AS target ON true) AS mapped
        OFFSET 0) AS found
 WHERE vendor.user_id = found.user_id AND vendor.id = found.id;

-- name: follow_vendor
-- Names that had been merged into the vendor follow it.
UPDATE vendors AS vendor SET merged_into_id = %(into_vendor_id)s
  FROM (SELECT user_id, id FROM vendors WHERE user_id = %(user_id)s AND merged_into_id = %(vendor_id)s OFFSET 0) AS named
 WHERE vendor.user_id = named.user_id AND vendor.id = named.id;

-- name: raise_into_vendor
UPDATE vendors AS vendor SET posting_sequence = vendor.posting_sequence + merged.posting_sequence
  FROM (SELECT user_id, %(into_vendor_id)s::uuid AS id, posting_sequence FROM vendors
         WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS merged
 WHERE vendor.user_id = merged.user_id AND vendor.id = merged.id;

-- name: unite_mappings
-- What is mapped alike on both sides: the readings of both. What waits for a person goes on waiting, as a reading where the other
-- side's mapping is settled.
WITH united AS (
  UPDATE vendor_item_mappings AS mapping SET accepted_readings = pair.accepted, pending_readings = pair.pending
    FROM (SELECT target.user_id, target.vendor_id, target.item_key, target.pack_key, readings.accepted,
                 ARRAY(SELECT DISTINCT reading FROM unnest(target.pending_readings || source.pending_readings || source.waiting) AS reading
                        WHERE reading <> '' AND reading <> ALL (readings.accepted) ORDER BY reading) AS pending
            FROM (SELECT * FROM vendor_item_mappings
                   WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND review_state <> 'rejected') AS mapped
           CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                                WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = mapped.item_key
                                  AND pack_key = mapped.pack_key AND review_state <> 'rejected' LIMIT 1) AS target
           CROSS JOIN LATERAL (SELECT mapped.pending_readings,
                                      CASE WHEN mapped.review_state = 'pending' AND target.review_state <> 'pending'
                                           THEN mapped.accepted_readings ELSE '{}' END AS waiting,
                                      CASE WHEN mapped.review_state = 'pending' AND target.review_state <> 'pending'
                                           THEN '{}' ELSE mapped.accepted_readings END AS settled) AS source
           CROSS JOIN LATERAL (SELECT target.accepted_readings
                                      || ARRAY(SELECT reading FROM unnest(source.settled) AS reading
                                                WHERE reading <> ALL (target.accepted_readings)) AS accepted) AS readings
          OFFSET 0) AS pair
   WHERE mapping.vendor_id = pair.vendor_id AND mapping.item_key = pair.item_key AND mapping.pack_key = pair.pack_key
     AND mapping.user_id = pair.user_id
  RETURNING 1)
SELECT count(*) FROM united;

-- name: drop_united
-- Of two mappings of a key, the vendor's own; the other's where that one was rejected and this one was not.
DELETE FROM vendor_item_mappings AS mapping
 USING (SELECT source.user_id, source.item_key, source.pack_key,
               CASE WHEN target.review_state = 'rejected' AND source.review_state <> 'rejected' THEN target.vendor_id
                    ELSE source.vendor_id END AS vendor_id
          FROM (SELECT * FROM vendor_item_mappings WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s) AS source
         CROSS JOIN LATERAL (SELECT vendor_id, review_state FROM vendor_item_mappings
                              WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = source.item_key
                                AND pack_key = source.pack_key LIMIT 1) AS target
        OFFSET 0) AS lost
 WHERE mapping.vendor_id = lost.vendor_id AND mapping.item_key = lost.item_key AND mapping.pack_key = lost.pack_key
   AND mapping.user_id = lost.user_id;

-- name: move_mappings_of_vendor
WITH moved AS (
  UPDATE vendor_item_mappings AS mapping SET vendor_id = %(into_vendor_id)s
    FROM (SELECT user_id, vendor_id, item_key, pack_key FROM vendor_item_mappings
           WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s OFFSET 0) AS moved
   WHERE mapping.vendor_id = moved.vendor_id AND mapping.item_key = moved.item_key AND mapping.pack_key = moved.pack_key
     AND mapping.user_id = moved.user_id
  RETURNING 1)
SELECT count(*) FROM moved;

-- name: follow_in_records
-- What merges of items have moved is told by vendor: the keys that went over are the other vendor's there, too.
UPDATE inventory_items AS item SET merge_record = jsonb_set(item.merge_record, '{mappings}', told.mappings)
  FROM (SELECT item.user_id, item.id,
               (SELECT jsonb_agg(CASE WHEN entry ->> 0 = %(vendor_id)s::uuid::text
                                       AND vendor.merge_record -> 'mappings' @> jsonb_build_array(jsonb_build_array(entry -> 1, entry -> 2))
                                      THEN jsonb_set(entry, '{0}', to_jsonb(%(into_vendor_id)s::uuid)) ELSE entry END ORDER BY place)
                  FROM jsonb_array_elements(item.merge_record -> 'mappings') WITH ORDINALITY AS told (entry, place)) AS mappings
          FROM (SELECT user_id, id, merge_record FROM inventory_items
                 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND merge_record IS NOT NULL) AS item
         CROSS JOIN LATERAL (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
        OFFSET 0) AS told
 WHERE item.user_id = told.user_id AND item.id = told.id AND item.merge_record -> 'mappings' <> told.mappings;

-- ---- the un-merge ----

-- name: part_mappings
-- To the vendor: the mappings that came with it, and those that the lines of its documents stand on. What was united is as it was, with
-- what was read since, unless a person has decided otherwise meanwhile: that holds for both.
WITH parted AS (
  INSERT INTO vendor_item_mappings
  SELECT made.*
    FROM (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
   CROSS JOIN LATERAL (
     SELECT key ->> 0 AS item_key, key ->> 1 AS pack_key FROM jsonb_array_elements(vendor.merge_record -> 'mappings') AS key
     UNION
     SELECT pair -> 0 ->> 'item_key', pair -> 0 ->> 'pack_key' FROM jsonb_array_elements(vendor.merge_record -> 'united') AS pair
     UNION
     SELECT line.item_key, line.pack_key
       FROM (SELECT id FROM invoices WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s) AS invoice
      CROSS JOIN LATERAL (SELECT item_key, pack_key FROM invoice_lines
                           WHERE user_id = %(user_id)s AND invoice_id = invoice.id AND inventory_item_id IS NOT NULL) AS line) AS wanted
   CROSS JOIN LATERAL (SELECT to_jsonb(mapping) || jsonb_build_object('vendor_id', %(vendor_id)s::uuid) AS row, mapping.*
                         FROM vendor_item_mappings AS mapping
                        WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = wanted.item_key
                          AND pack_key = wanted.pack_key LIMIT 1) AS present
    LEFT JOIN LATERAL (
      SELECT pair -> 0 || jsonb_build_object(
               'accepted_readings', (pair -> 0 -> 'accepted_readings') || known.accepted,
               'pending_readings', (pair -> 0 -> 'pending_readings') || known.pending) AS row
        FROM jsonb_array_elements(vendor.merge_record -> 'united') AS pair
       CROSS JOIN LATERAL (
         SELECT coalesce(jsonb_agg(reading) FILTER (WHERE is_accepted), '[]') AS accepted,
                coalesce(jsonb_agg(reading) FILTER (WHERE NOT is_accepted), '[]') AS pending
           FROM (SELECT reading, true AS is_accepted FROM unnest(present.accepted_readings) AS reading
                 UNION ALL SELECT reading, false FROM unnest(present.pending_readings) AS reading) AS reading
          WHERE NOT (pair -> 0 -> 'accepted_readings' ? reading OR pair -> 0 -> 'pending_readings' ? reading
                     OR pair -> 1 -> 'accepted_readings' ? reading OR pair -> 1 -> 'pending_readings' ? reading)) AS known
       WHERE pair -> 0 ->> 'item_key' = present.item_key AND pair -> 0 ->> 'pack_key' = present.pack_key
         AND (pair -> 1 ->> 'inventory_item_id')::uuid = present.inventory_item_id
         AND (pair -> 1 ->> 'base_quantity')::numeric = present.base_quantity AND pair -> 1 ->> 'review_state' = present.review_state
         AND (pair -> 1 ->> 'decided_at')::timestamptz IS NOT DISTINCT FROM present.decided_at
       LIMIT 1) AS united ON true
   CROSS JOIN LATERAL jsonb_populate_record(NULL::vendor_item_mappings, coalesce(united.row, present.row)) AS made
  ON CONFLICT (vendor_id, item_key, pack_key, user_id) DO NOTHING
  RETURNING 1)
SELECT count(*) FROM parted;

-- name: restore_united
-- The other side of what was united, as it was and with what was read since; unless a person has decided otherwise meanwhile.
UPDATE vendor_item_mappings AS mapping SET accepted_readings = mine.accepted, pending_readings = mine.pending
  FROM (SELECT present.user_id, present.vendor_id, present.item_key, present.pack_key,
               was.accepted || ARRAY(SELECT reading FROM unnest(present.accepted_readings) AS reading WHERE reading <> ALL (was.known))
                 AS accepted,
               was.pending || ARRAY(SELECT reading FROM unnest(present.pending_readings) AS reading WHERE reading <> ALL (was.known))
                 AS pending
          FROM (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
         CROSS JOIN LATERAL (
           SELECT pair -> 1 AS row, ARRAY(SELECT jsonb_array_elements_text(pair -> 1 -> 'accepted_readings')) AS accepted,
                  ARRAY(SELECT jsonb_array_elements_text(pair -> 1 -> 'pending_readings')) AS pending,
                  ARRAY(SELECT jsonb_array_elements_text((pair -> 0 -> 'accepted_readings') || (pair -> 0 -> 'pending_readings')
                          || (pair -> 1 -> 'accepted_readings') || (pair -> 1 -> 'pending_readings'))) AS known
             FROM jsonb_array_elements(vendor.merge_record -> 'united') AS pair) AS was
         CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                              WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = was.row ->> 'item_key'
                                AND pack_key = was.row ->> 'pack_key' LIMIT 1) AS present
         WHERE (was.row ->> 'inventory_item_id')::uuid = present.inventory_item_id
           AND (was.row ->> 'base_quantity')::numeric = present.base_quantity AND was.row ->> 'review_state' = present.review_state
           AND (was.row ->> 'decided_at')::timestamptz IS NOT DISTINCT FROM present.decided_at
        OFFSET 0) AS mine
 WHERE mapping.vendor_id = mine.vendor_id AND mapping.item_key = mine.item_key AND mapping.pack_key = mine.pack_key
   AND mapping.user_id = mine.user_id;

-- name: drop_parted
-- From the other one: what came with the vendor, or was made by a document of the vendor's, and no line of its own stands on. By way
-- of the item's movements: what went back has no price, and what was voided would have been mapped all the same.
DELETE FROM vendor_item_mappings AS mapping
 USING (SELECT present.user_id, present.vendor_id, present.item_key, present.pack_key
          FROM (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
         CROSS JOIN LATERAL (SELECT item_key, pack_key FROM vendor_item_mappings
                              WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s) AS parted
         CROSS JOIN LATERAL (SELECT * FROM vendor_item_mappings
                              WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = parted.item_key
                                AND pack_key = parted.pack_key LIMIT 1) AS present
          LEFT JOIN LATERAL (SELECT vendor_id FROM invoices
                              WHERE user_id = %(user_id)s AND id = present.created_by_invoice_id LIMIT 1) AS maker ON true
          LEFT JOIN LATERAL (
            SELECT true AS found
              FROM (SELECT coalesce(of_invoice_id, reference_id) AS invoice_id, coalesce(of_line_number, line_number) AS line_number
                      FROM inventory_transactions WHERE user_id = %(user_id)s AND inventory_item_id = present.inventory_item_id) AS movement
             CROSS JOIN LATERAL (SELECT vendor_id FROM invoices WHERE user_id = %(user_id)s AND id = movement.invoice_id LIMIT 1) AS invoice
             CROSS JOIN LATERAL (SELECT item_key, pack_key FROM invoice_lines
                                  WHERE user_id = %(user_id)s AND invoice_id = movement.invoice_id AND line_number = movement.line_number
                                  LIMIT 1) AS line
             WHERE invoice.vendor_id = %(into_vendor_id)s AND line.item_key = present.item_key AND line.pack_key = present.pack_key
             LIMIT 1) AS used ON true
         WHERE used.found IS NULL
           AND (maker.vendor_id = %(vendor_id)s
                OR vendor.merge_record -> 'mappings' @> jsonb_build_array(jsonb_build_array(present.item_key, present.pack_key)))
        OFFSET 0) AS lost
 WHERE mapping.vendor_id = lost.vendor_id AND mapping.item_key = lost.item_key AND mapping.pack_key = lost.pack_key
   AND mapping.user_id = lost.user_id;

-- name: part_in_records
-- After the mappings have come apart: a key that both have now is told of both, unless it was united.
UPDATE inventory_items AS item SET merge_record = jsonb_set(item.merge_record, '{mappings}', told.mappings)
  FROM (SELECT item.user_id, item.id,
               (SELECT jsonb_agg(part.entry ORDER BY told.place, part.place)
                  FROM jsonb_array_elements(item.merge_record -> 'mappings') WITH ORDINALITY AS told (entry, place)
                  LEFT JOIN LATERAL (
                    SELECT true AS found FROM vendor_item_mappings
                     WHERE user_id = %(user_id)s AND vendor_id = %(vendor_id)s AND item_key = told.entry ->> 1 AND pack_key = told.entry ->> 2
                       AND told.entry ->> 0 = %(into_vendor_id)s::uuid::text
                       AND NOT vendor.merge_record -> 'united' @> jsonb_build_array(jsonb_build_array(
                             jsonb_build_object('item_key', told.entry -> 1, 'pack_key', told.entry -> 2))) LIMIT 1) AS parted ON true
                  LEFT JOIN LATERAL (
                    SELECT true AS found FROM vendor_item_mappings
                     WHERE user_id = %(user_id)s AND vendor_id = %(into_vendor_id)s AND item_key = told.entry ->> 1
                       AND pack_key = told.entry ->> 2 LIMIT 1) AS kept ON true
                 CROSS JOIN LATERAL (
                   SELECT told.entry, 1 AS place WHERE parted.found IS NULL OR kept.found
                   UNION ALL
                   SELECT jsonb_set(told.entry, '{0}', to_jsonb(%(vendor_id)s::uuid)), 2 WHERE parted.found) AS part) AS mappings
          FROM (SELECT user_id, id, merge_record FROM inventory_items
                 WHERE user_id = %(user_id)s AND user_id::text = %(user_id)s::text AND merge_record IS NOT NULL) AS item
         CROSS JOIN LATERAL (SELECT merge_record FROM vendors WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS vendor
        OFFSET 0) AS told
 WHERE item.user_id = told.user_id AND item.id = told.id AND item.merge_record -> 'mappings' <> told.mappings;

-- name: return_names
-- Names that came with the vendor are its own again.
UPDATE vendors AS vendor SET merged_into_id = %(vendor_id)s
  FROM (SELECT %(user_id)s::uuid AS user_id, id FROM unnest(%(names)s::uuid[]) AS named (id) WHERE id <> %(vendor_id)s OFFSET 0) AS named
 WHERE vendor.user_id = named.user_id AND vendor.id = named.id;

-- name: mark_vendor_unmerged
-- Both are as far as the last of their documents, and no less far than they were.
UPDATE vendors AS vendor
   SET posting_sequence = greatest(side.at_least, side.last), merged_into_id = NULL, merge_record = NULL
  FROM (SELECT %(user_id)s::uuid AS user_id, side.id, side.at_least,
               (SELECT max(posting_sequence) FROM invoices WHERE user_id = %(user_id)s AND vendor_id = side.id) AS last
          FROM (SELECT id, posting_sequence, (merge_record ->> 'shift')::bigint AS shift FROM vendors
                 WHERE user_id = %(user_id)s AND id = %(vendor_id)s LIMIT 1) AS merged
         CROSS JOIN LATERAL (VALUES (merged.id, merged.posting_sequence), (%(into_vendor_id)s::uuid, merged.shift)) AS side (id, at_least)
        OFFSET 0) AS side
 WHERE vendor.user_id = side.user_id AND vendor.id = side.id;
