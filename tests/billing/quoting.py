"""Quotes for the tests: made by the actions, as the office makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing import actions
from billing.choices import AnswerWay
from billing.models import Quote, QuoteLine, QuoteRevision
from clients.models import Contact
from msp.files.models import StoredFile
from msp.jobs.actions import run_queue
from msp.mail.models import OutgoingMail
from msp.tenancy.context import enter
from tests.world import NOW, ClientWorld

from .conftest import Office

LINE: dict[str, Any] = {
    "kind": "service",
    "description": "Move the server",
    "detail": "",
    "quantity": Decimal(1),
    "unit": "flat",
    "unit_price": Decimal(400),
    "every": "once",
    "tax_rate": Decimal(20),
    "role": "required",
    "group": "",
    "preselected": True,
}
SHEET: dict[str, Any] = {
    "people": 12,
    "devices": 14,
    "measure": "people",
    "use": "1.2 of 2 TB",
    "growth_percent": Decimal(25),
    "growth_why": "Three more people next year",
    "serves": 15,
    "smaller": "The tower with one disk",
    "smaller_price": Decimal(900),
    "why_not_smaller": "Full after a year",
}


@dataclass
class Desk:
    """Quotes of one office."""

    office: Office

    def start(self, client: ClientWorld, *lines: dict[str, Any], **head: Any) -> Quote:
        """A draft with these lines; without any, one of 400.00 that is always part of it."""
        with enter(self.office.shop.scope()):
            owner = self.office.shop.staff["office_manager"]
            given = {"client": client.client, "title": "A new server", "owner": owner}
            quote = actions.start_quote(actor=self.office.actor, now=NOW, **given)
            if head:
                actions.edit_quote(revision=self.draft(quote), values=head, actor=self.office.actor, now=NOW)
            for line in lines or ({},):
                self.add(quote, **line)
            return Quote.objects.select_related("client").get(pk=quote.pk)

    def add(self, quote: Quote, **values: Any) -> QuoteLine:
        with enter(self.office.shop.scope()):
            revision = self.draft(quote)
            values = LINE | values
            return actions.add_quote_line(revision=revision, values=values, actor=self.office.actor, now=NOW)

    def draft(self, quote: Quote) -> QuoteRevision:
        """The newest revision."""
        with enter(self.office.shop.scope()):
            return QuoteRevision.objects.filter(quote=quote).select_related("quote__client").latest("number")

    def send(self, quote: Quote, *contacts: Contact, now: datetime = NOW) -> QuoteRevision:
        with enter(self.office.shop.scope()):
            given = {"revision": self.draft(quote), "contacts": contacts, "actor": self.office.actor}
            return actions.send_quote(now=now, **given)

    def sent(self, client: ClientWorld, *lines: dict[str, Any], **head: Any) -> QuoteRevision:
        """Sent to Anna, its PDF standing in by a hash: for what needs no document."""
        quote = self.start(client, *lines, **head)
        revision = self.send(quote, client.anna)
        with enter(self.office.shop.scope()):
            file = StoredFile.objects.create(
                client_id=client.client.pk, visibility="public", name="q.pdf", content_type="application/pdf",
                size=1, sha256="a" * 64, path=f"q{revision.pk}", created_at=NOW,
            )  # fmt: skip
            QuoteRevision.objects.filter(pk=revision.pk).update(pdf=file, pdf_sha256="a" * 64)
            return QuoteRevision.objects.select_related("quote__client").get(pk=revision.pk)

    def by(self, client: ClientWorld, name: str = "Anna Harbour") -> actions.Answerer:
        return actions.Answerer(name, AnswerWay.PORTAL, client.anna)

    def accept(self, revision: QuoteRevision, client: ClientWorld, *picked: Any, **given: Any) -> Any:
        said = {"by": self.by(client), "document_sha256": "a" * 64, "actor": self.office.actor, "now": NOW} | given
        with enter(self.office.shop.scope()):
            return actions.accept_quote(revision=revision, picked=set(picked), **said)


def render(now: datetime = NOW) -> int:
    return run_queue(queue_name="quote_renderings", clock=lambda: now)


def link_in(mail: OutgoingMail) -> str:
    """The address in a mail by which its reader answers, without the host."""
    found = re.search(r"https?://[^/]+(/go/quotes/\S+/)", mail.text)
    assert found is not None
    return found.group(1)
