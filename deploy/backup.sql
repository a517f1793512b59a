-- As the owner, with psql -qAt: the dump goes to standard output and the number of rows of every table to /tmp/mainstay.counts,
-- both of the same moment while work goes on.
\set ON_ERROR_STOP on
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS moment \gset
\setenv MOMENT :moment
\o /tmp/mainstay.counts
SELECT format('SELECT %L, count(*) FROM %I.%I', relname, schemaname, relname)
FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname \gexec
\o
\! pg_dump -U mainstay_owner -d mainstay -Fc --snapshot="$MOMENT"
\if :SHELL_ERROR
DO $$ BEGIN RAISE 'the dump failed'; END $$;
\endif
COMMIT;
