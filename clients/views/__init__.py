"""The client pages, one module a subject."""
