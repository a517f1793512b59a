"""Pages of tokens and of the API's documentation."""
