"""Senders of pages; settings.PAGER names the one that is used."""

from __future__ import annotations

import logging

from .rules import Page

logger = logging.getLogger("msp.pager")


class LogOnly:
    """Reaches nobody: it writes the page into the log. For an installation without a pager, and honest about it."""

    name = "log only"

    def send(self, page: Page) -> str:
        logger.warning("page for %s: %s %s", page.name, page.words, page.url)
        return ""
