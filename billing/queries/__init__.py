"""Questions that billing asks over several tables. One module a subject."""
