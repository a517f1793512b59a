"""The tax of a draft, brought up to the client's terms of today."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import TaxTreatment
from billing.models import Invoice, InvoiceLine
from billing.queries.terms import terms_for
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from . import drafts


def retax_draft(*, invoice: Invoice, actor: Actor, now: datetime) -> Invoice:
    """Tax a draft as the client's terms say today. A rate that somebody chose for one line stays, unless no tax is due at all.

    Raises Refused unless it is a draft, and without a tax rate.
    """
    with transaction.atomic():
        invoice = drafts.locked_draft_of_lines(invoice)
        terms, was = terms_for(invoice.client), invoice.get_tax_treatment_display()
        if terms.tax_rate is None:
            raise Refused(_("Set a tax rate first: Settings, Billing."))
        invoice.save(update_fields=drafts.copy_tax(invoice, terms))
        for line in InvoiceLine.objects.filter(invoice=invoice).exclude(tax_rate=terms.tax_rate).order_by("position"):
            if terms.tax_treatment == TaxTreatment.STANDARD and (
                line.source.get("tax_by_hand") or line.source.get("tax_day")
            ):
                continue
            line.tax_rate = terms.tax_rate
            line.source = drafts.with_change(line, actor, now, _("The client's tax was taken over."))
            line.source.pop("tax_by_hand", None)
            line.save(update_fields=["tax_rate", "source"])
        drafts.add_up(invoice)
        data = {"was": was, "became": invoice.get_tax_treatment_display(), "rate": str(terms.tax_rate)}
        record(actor=actor, verb="invoice.retaxed", subject=invoice, now=now, data=data)
    return invoice
