-- Catalogs to match against: items with a name, a pack and match keys, each mapped by one vendor, as ingest leaves them.

-- name: make_named_items
CREATE TEMPORARY TABLE named_items (user_id uuid, id uuid, place bigint, name text, reading text, base_unit text, pack_size text,
                                    pack_key text, base_quantity numeric, keys text);

-- name: copy_named_items
COPY named_items FROM STDIN;

-- name: add_catalogs
INSERT INTO catalogs (user_id, version) SELECT DISTINCT user_id, 1 FROM named_items ON CONFLICT DO NOTHING;

-- name: add_vendors
INSERT INTO vendors (user_id, id, name, normalized_name, posting_sequence, created_at)
SELECT DISTINCT user_id, user_id, 'Known Vendor', 'known vendor', 0, now() FROM named_items ON CONFLICT DO NOTHING;

-- name: add_named_items
INSERT INTO inventory_items (user_id, id, name, base_unit, current_quantity, created_at)
SELECT user_id, id, name, base_unit, 0, now() FROM named_items;

-- name: add_mappings
INSERT INTO vendor_item_mappings (user_id, vendor_id, item_key, pack_key, inventory_item_id, base_quantity, item_number, description,
                                  pack_size, accepted_readings, match_method, review_state, created_at)
SELECT user_id, user_id, 'n:' || place, pack_key, id, base_quantity, place, name, pack_size, ARRAY[reading], 'new', 'none', now()
  FROM named_items;

-- name: add_match_keys
INSERT INTO item_match_keys (match_key, user_id, inventory_item_id)
SELECT ('x' || encode(substring(decode(keys, 'base64') FROM nth * 8 + 1 FOR 8), 'hex'))::bit(64)::bigint, user_id, id
  FROM named_items
 CROSS JOIN LATERAL generate_series(0, length(decode(keys, 'base64')) / 8 - 1) AS nth;

-- name: empty_named_items
TRUNCATE named_items;

-- name: drop_key_index
-- Rows by the million are indexed once, when all are there. In the order of the items, as they come in life: not sorted by key.
ALTER TABLE item_match_keys DROP CONSTRAINT item_match_keys_pkey;

-- name: make_key_index
ALTER TABLE item_match_keys ADD CONSTRAINT item_match_keys_pkey PRIMARY KEY (match_key, user_id, inventory_item_id);

-- name: count_match_keys
SELECT count(*) FROM item_match_keys;

-- name: vacuum_analyze
VACUUM (ANALYZE);

-- name: take_out_keys
-- An item without keys is found by no line.
DELETE FROM item_match_keys
 WHERE match_key = ANY (%(keys)s) AND user_id = %(user_id)s AND inventory_item_id = ANY (%(items)s);
