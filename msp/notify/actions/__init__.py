"""Telling people of the shop something: in the bell, by mail, by pager."""

from __future__ import annotations

from .notifying import notify
from .paging import page
from .reading import choose_mail, read, read_all

__all__ = ["choose_mail", "notify", "page", "read", "read_all"]
