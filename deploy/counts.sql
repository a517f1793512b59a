-- The number of rows of every table, as the owner sees it: compare after a restore with what backup.sql wrote.
SELECT format('SELECT %L, count(*) FROM %I.%I', relname, schemaname, relname)
FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname \gexec
