"""Handing an invoice over to the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from billing.choices import EInvoice
from billing.models import Dispatch, Invoice
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.files.models import StoredFile
from msp.mail.actions import queue_mail
from msp.mail.documents import render_mail
from msp.tenancy.models import current_tenant

from .asking import ask_to_look


def dispatch_invoice(*, invoice: Invoice, pdf: StoredFile | None, actor: Actor, now: datetime) -> list[Dispatch]:
    """Queue one mail for each recipient, with the PDF and, where that is the invoice, the XML. Once that is done, a second call
    changes nothing.

    `pdf` None: an invoice of a past told afterwards, whose PDF is only made now.
    """
    if not invoice.recipients:  # by post alone
        return []
    if done := list(Dispatch.objects.filter(invoice=invoice)):
        return done
    tenant = current_tenant()
    link = tenant.absolute_url(reverse("billing:portal-invoice", args=[invoice.pk]))
    rendered = render_mail("mail/invoice", {"invoice": invoice, "link": link}, invoice.language)
    with transaction.atomic():
        sent = []
        for recipient in invoice.recipients:
            mail = queue_mail(
                actor=actor,
                purpose_key=f"invoice:{invoice.pk}:{recipient}",
                to=[recipient],
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                client_id=invoice.client_id,
                attachments=_enclosed(invoice, pdf),
                now=now,
            )
            values = {"client": invoice.client, "mail": mail, "queued_at": now}
            row, _made = Dispatch.objects.get_or_create(invoice=invoice, recipient=recipient, defaults=values)
            sent.append(row)
        data = {"recipients": ", ".join(invoice.recipients)}
        record(actor=actor, verb="invoice.dispatched", subject=invoice, now=now, data=data)
        ask_to_look(actor=actor, now=now, client=invoice.client)
    return sent


def _enclosed(invoice: Invoice, pdf: StoredFile | None) -> list[StoredFile]:
    """What the mail carries. A Factur-X has its XML in the PDF."""
    xml = invoice.xml if invoice.e_invoice != EInvoice.FACTURX else None
    return [file for file in (xml, pdf) if file is not None]
