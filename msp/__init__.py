"""Mainstay's project and its foundation apps."""
