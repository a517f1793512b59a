"""Documents as bytes: the PDF of an invoice."""
