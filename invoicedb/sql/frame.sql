-- What stands around every flight: settings before, the transaction's ends.

-- name: settings
-- First of all: what follows sees the tenant's rows, is planned for point look-ups, and reads the lines from a setting, so that
-- they travel once. The isolation level can't be changed after a query, only checked: elsewhere the vendor's lock proves nothing.
-- Compiling a plan takes longer than any of them runs: before PostgreSQL 18 a disabled scan alone makes one look costly enough.
SELECT invoicedb_require(current_setting('transaction_isolation') = 'read committed', 'IV005', current_setting('transaction_isolation')),
       set_config('invoicedb.user_id', %(user_id)s::text, true), set_config('invoicedb.rights', %(rights)s::text, true),
       set_config('invoicedb.lines', %(lines)s::text, true) IS NULL AS not_echoed,
       set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true),
       CASE WHEN %(timeout_ms)s::text IS NOT NULL THEN set_config('statement_timeout', %(timeout_ms)s::text, true) END;

-- name: search_path
-- Alone and before the settings: they call a function of ours.
SELECT set_config('search_path', quote_ident(%(schema)s::text), true);

-- name: settings_of_caller
-- In a caller's transaction: no planner setting is left behind, see restore_settings. What statements leave for later ones begins
-- clean: in a transaction of our own it ends with the flight, here an earlier call's is still there.
SELECT invoicedb_require(current_setting('transaction_isolation') = 'read committed', 'IV005', current_setting('transaction_isolation')),
       set_config('invoicedb.callers_user_id', coalesce(current_setting('invoicedb.user_id', true), ''), true),
       set_config('invoicedb.user_id', %(user_id)s::text, true), set_config('invoicedb.rights', %(rights)s::text, true),
       set_config('invoicedb.lines', %(lines)s::text, true) IS NULL AS not_echoed,
       set_config('invoicedb.callers_jit', current_setting('jit'), true), set_config('jit', 'off', true),
       set_config('invoicedb.callers_timeout', current_setting('statement_timeout'), true),
       CASE WHEN %(timeout_ms)s::text IS NOT NULL THEN set_config('statement_timeout', %(timeout_ms)s::text, true) END,
       set_config('invoicedb.bet', '', true), set_config('invoicedb.known', '', true), set_config('invoicedb.unmapped', '', true),
       set_config('invoicedb.open', '', true), set_config('invoicedb.vendor_id', '', true), set_config('invoicedb.excess', '', true),
       set_config('invoicedb.page', '', true), set_config('invoicedb.shift', '', true), set_config('invoicedb.opened', '', true);

-- name: restore_settings
SELECT set_config('invoicedb.user_id', current_setting('invoicedb.callers_user_id'), true), set_config('invoicedb.lines', '', true),
       set_config('invoicedb.rights', '', true), set_config('jit', current_setting('invoicedb.callers_jit'), true),
       set_config('statement_timeout', current_setting('invoicedb.callers_timeout'), true);

-- name: begin
BEGIN;

-- name: savepoint
SAVEPOINT invoicedb;

-- name: release
RELEASE SAVEPOINT invoicedb;

-- name: settle_constraints
-- A deferred constraint of the user's own speaks here, where no COMMIT follows.
SET CONSTRAINTS ALL IMMEDIATE;

-- name: undo
-- The end of a preview: everything is undone, the rows are in hand.
SELECT invoicedb_require(false, 'IV004', 'a preview writes nothing');

-- name: commit
COMMIT;
