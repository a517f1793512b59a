"""The billing pages, one module a subject."""
