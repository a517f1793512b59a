"""Why an action would not do what it was asked: states, not rights."""

from __future__ import annotations


class Refused(ValueError):
    """An act that the state of things does not allow; the message says why, for people."""
