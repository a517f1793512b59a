"""The client portal of the service desk. One module a subject."""
