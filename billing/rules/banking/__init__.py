"""Bank statements as files: what stands in them, and whose money it may be. No database here."""
