"""Asking a client's approver to approve a draft, hearing the answer, and keeping what they wrote to us otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import Consent, ConsentWay
from billing.models import ClientApproval, Invoice, InvoiceLine
from billing.queries.care import office
from billing.queries.consenting import Consents, consent_of, fingerprint_of
from billing.rules.doubts import internal_words
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.mail.actions import queue_mail
from msp.mail.documents import render_mail
from msp.notify.actions import notify
from msp.tenancy.models import current_tenant

from . import drafts


def ask_client(*, invoice: Invoice, actor: Actor, now: datetime) -> ClientApproval:
    """Mail the client's approver a link to a portal page on which they say yes or no to the draft. Asked once for the same lines.

    Raises Refused where no approval is missing, and where nobody can be asked.
    """
    with transaction.atomic():
        invoice = drafts.standing_draft(invoice)
        consents = _missing(invoice, now)
        approver = _who(consents.approver)
        _check_words(invoice)
        if consents.is_waiting and consents.latest is not None and consents.latest.contact_id == approver.pk:
            return consents.latest
        drop_question(invoice)
        asked = _keep(invoice, consents, {"asked_by": actor.name, "contact": approver}, now)
        _mail(asked, approver, actor, now)
        data = {"name": approver.name, "amount": f"{invoice.net.normalize():f} {invoice.currency}"}
        record(actor=actor, verb="invoice.client_asked", subject=invoice, now=now, data=data)
    return asked


def answer_question(
    *, approval: ClientApproval, approves: bool, words: str, actor: Actor, now: datetime
) -> ClientApproval:
    """The approver's yes or no. Raises Refused for a no without words, and once it is answered, changed or gone."""
    words = words.strip()
    if not approves and not words:
        raise Refused(_("Write why, so that we can put it right."))
    with transaction.atomic():
        invoice = drafts.locked(approval.invoice)
        approval = ClientApproval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
        lines = InvoiceLine.objects.filter(invoice=invoice).order_by("position")
        if not approval.is_asked:
            raise Refused(_("It is answered already, or not asked any more."))
        if not invoice.is_draft or fingerprint_of(invoice, list(lines)) != approval.fingerprint:
            raise Refused(_("It was changed since we asked you. You will be asked again."))
        approval.state = Consent.APPROVED if approves else Consent.DECLINED
        approval.answered_at, approval.answered_by, approval.words = now, actor.name, words
        approval.save(update_fields=["state", "answered_at", "answered_by", "words"])
        verb = "invoice.client_approved" if approves else "invoice.client_declined"
        record(actor=actor, verb=verb, subject=invoice, now=now, data={"words": words})
        _tell(invoice, approval, now)
    return approval


def keep_approval(*, invoice: Invoice, words: str, actor: Actor, now: datetime) -> ClientApproval:
    """Write down that we have the client's approval in writing, and where. Raises Refused without words, and where none is missing."""
    if not words.strip():
        raise Refused(_("Write who approved it, and where you have it in writing."))
    with transaction.atomic():
        invoice = drafts.standing_draft(invoice)
        consents = _missing(invoice, now)
        drop_question(invoice)
        given = {"state": Consent.APPROVED, "way": ConsentWay.WRITING, "words": words.strip(), "answered_at": now}
        given |= {"asked_by": actor.name, "answered_by": actor.name, "contact": consents.approver}
        kept = _keep(invoice, consents, given, now)
        data = {"reason": words.strip()}
        record(actor=actor, verb="invoice.client_approval_kept", subject=invoice, now=now, data=data)
    return kept


def drop_question(invoice: Invoice) -> None:
    """Ask no longer, in the caller's transaction: it is asked anew, or the draft is given up."""
    ClientApproval.objects.filter(invoice=invoice, state=Consent.ASKED).update(state=Consent.DROPPED)


def _missing(invoice: Invoice, now: datetime) -> Consents:
    consents = consent_of(invoice, now)
    if consents is None:
        raise Refused(_("The client need not approve this draft."))
    if consents.need.is_met:
        raise Refused(_("It is approved already."))
    return consents


def _check_words(invoice: Invoice) -> None:
    """The client is about to read the lines."""
    drafts.watch_words(invoice)
    for line in InvoiceLine.objects.filter(invoice=invoice):
        if line.source.get("names_others") or internal_words(f"{line.description}\n{line.detail}"):
            raise Refused(_("“%s” is not fit for the client's eyes yet: see the checks.") % line.description)


def _who(approver: Contact | None) -> Contact:
    if approver is None:
        raise Refused(_("The agreement names nobody who approves: name them in a new version of its terms."))
    if approver.is_archived or not approver.email or approver.membership_id is None:
        raise Refused(_("%s cannot sign in to the portal: invite them, or ask in writing.") % approver.name)
    return approver


def _keep(invoice: Invoice, consents: Consents, given: dict[str, Any], now: datetime) -> ClientApproval:
    row = ClientApproval(
        invoice=invoice,
        client=invoice.client,
        currency=invoice.currency,
        net=invoice.net,
        shown=[line.kept for line in consents.shown],
        fingerprint=consents.fingerprint,
        asked_at=now,
        **given,
    )
    row.save(force_insert=True)
    return row


def _mail(asked: ClientApproval, approver: Contact, actor: Actor, now: datetime) -> None:
    link = current_tenant().absolute_url(asked.get_absolute_url())
    mail = render_mail("mail/approval_asked", {"asked": asked, "contact": approver, "link": link}, approver.language)
    queue_mail(
        actor=actor, purpose_key=f"client_approval:{asked.pk}", to=[approver.email], subject=mail.subject,
        text=mail.text, html=mail.html, client_id=asked.client_id, now=now,
    )  # fmt: skip


def _tell(invoice: Invoice, approval: ClientApproval, now: datetime) -> None:
    said = {"name": approval.answered_by, "client": invoice.client.name}
    yes = approval.state == Consent.APPROVED
    for member in sorted(office(), key=lambda each: each.pk):
        notify(
            to=member,
            now=now,
            words=lambda: (
                (
                    _("%(name)s of %(client)s approved the draft.")
                    if yes
                    else _("%(name)s of %(client)s said no to the draft.")
                )
                % said
            ),
            url=invoice.get_absolute_url(),
            key=f"client_approval:{invoice.pk}",
            urgent=not yes,
        )
