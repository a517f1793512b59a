"""The way of a quote out of the house: sent and frozen, its PDF made by a worker, one mail to each contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.choices import QUOTE_RENDERINGS, QuoteState, RevisionEnd, RevisionState
from billing.documents.invoice import TooBig
from billing.documents.quote import QuoteDocument, quote_pdf
from billing.models import Quote, QuoteLine, QuoteLink, QuoteRendering, QuoteRevision, QuoteTimer
from billing.queries.lists import shop_today
from billing.queries.quote_detail import groups_of
from billing.queries.quotes import content_hash, lines_of_revision, needs_approval, quote_settings, sums_of, text_of
from billing.queries.terms import parties_of, shop
from billing.rules.quoting import deposit_totals
from billing.rules.refusals import Refused
from clients.models import Contact
from msp.accounts.rules import Actor, system_actor
from msp.audit.actions import record
from msp.files.actions import Written, record_file, write_bytes
from msp.files.choices import Visibility
from msp.files.models import StoredFile
from msp.jobs.actions import ring
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, GiveUp, Handler, Outcome
from msp.mail.actions import queue_mail
from msp.mail.documents import render_mail
from msp.tenancy.ids import new_id
from msp.tenancy.models import current_tenant
from msp.tenancy.tokens import Token
from tickets.queries.leaks import leaks_to
from tickets.rules.leaks import STOP, Leaking

from .quote_approvals import check_ready
from .quoting import end_revision, locked_quote

LINK_OUTLIVES = timedelta(days=30)  # the offer: an old link still says what became of it
_MORNING = time(9)
_PARTIES = (
    *("seller_name", "seller_address", "seller_tax_id", "seller_registration", "seller_phone", "seller_email"),
    *("buyer_name", "buyer_address", "buyer_tax_id"),
)


def send_quote(
    *, revision: QuoteRevision, contacts: Sequence[Contact], actor: Actor, now: datetime, reason: str = ""
) -> QuoteRevision:
    """Freeze a revision, replace the one the client has, and ask for the PDF and the mails.

    Raises Refused while something is missing (lines, evidence, approval, a day to come, somebody to send it to), and Leaking
    when it names other clients and no `reason` is typed.
    """
    with transaction.atomic():
        revision = _locked_unsent(revision)
        lines = lines_of_revision(revision)
        check_ready(revision)
        recipients = _check(revision, lines, contacts, now)
        leaks = leaks_to(revision.quote.client, text_of(revision, lines), recipients)
        leaking = sum(leak.weight for leak in leaks) >= STOP
        if leaking and not reason.strip():
            raise Leaking(leaks)
        _freeze(revision, lines, recipients, actor, now)
        _hand_over(revision, contacts, now)
        _become_open(revision, now)
        data = {"revision": revision.name, "recipients": ", ".join(recipients)}
        data |= {"reason": reason.strip()} if leaking else {}
        verb = "quote.sent_in_spite" if leaking else "quote.sent"
        record(actor=actor, verb=verb, subject=revision.quote, now=now, data=data)
        ring(QUOTE_RENDERINGS)
    return revision


@dataclass(frozen=True)
class QuoteOrder:
    """What the renderer needs, without the database."""

    tenant_id: int
    document: QuoteDocument


class RenderQuote(Handler[QuoteRendering, QuoteOrder, Written]):
    """PDF bytes between two transactions; the PDF and the mails enter in one, as for invoices."""

    def prepare(self, row: QuoteRendering, now: datetime) -> QuoteOrder | Outcome:
        revision = row.revision
        if revision.pdf_id is not None:
            return Ended(DueState.DONE)
        lines, identity = lines_of_revision(revision), shop().identity
        logo = bytes(identity.logo) if identity.logo else None
        sums = sums_of(revision, lines)
        deposit = deposit_totals(sums.once, revision.deposit_percent, revision.currency)
        sent_on = shop_today(revision.sent_at or now)
        groups = groups_of(lines)
        document = QuoteDocument(revision, sums, deposit, groups, sent_on, identity.hue, logo)
        return QuoteOrder(row.tenant_id, document)

    def work(self, prepared: QuoteOrder) -> Written:
        try:
            content = quote_pdf(prepared.document)
        except TooBig as error:
            raise GiveUp(str(error)) from error
        name = f"{prepared.document.revision.name.replace('/', '-')}.pdf"
        return write_bytes(tenant_id=prepared.tenant_id, name=name, content=content, content_type="application/pdf")

    def finish(self, row: QuoteRendering, result: Written, now: datetime) -> Outcome:
        actor = system_actor(_("Mainstay"))
        locked_quote(Quote(pk=row.revision.quote_id))
        revision = QuoteRevision.objects.select_for_update(of=("self",)).select_related("quote").get(pk=row.revision_id)
        public, client_id = Visibility.PUBLIC, revision.client_id
        revision.pdf = record_file(actor=actor, written=result, client_id=client_id, visibility=public, now=now)
        revision.pdf_sha256 = result.sha256
        revision.save(update_fields=["pdf", "pdf_sha256"])
        if revision.ended_at is None:  # else it was withdrawn or replaced before anybody got it
            mail_quote(revision=revision, pdf=revision.pdf, actor=actor, now=now)
        return Ended(DueState.DONE)


def mail_quote(*, revision: QuoteRevision, pdf: StoredFile | None, actor: Actor, now: datetime) -> list[QuoteLink]:
    """Queue one mail for each contact it goes to, with the PDF and a link of their own. A second call changes nothing."""
    links = list(QuoteLink.objects.filter(revision=revision, is_reminder=False, mail=None).select_related("contact"))
    for link in links:
        write_to(link, revision, "mail/quote", pdf, actor=actor, now=now)
    if links:
        data = {"revision": revision.name, "recipients": ", ".join(link.recipient for link in links)}
        record(actor=actor, verb="quote.mailed", subject=revision.quote, now=now, data=data)
    return links


def write_to(
    link: QuoteLink, revision: QuoteRevision, template: str, pdf: StoredFile | None, *, actor: Actor, now: datetime
) -> None:
    """Give a link its secret and queue the mail that carries it. The secret stands in the mail alone."""
    token = Token.new(revision.tenant_id, link.pk)
    address = current_tenant().absolute_url(reverse("billing:go-quote", kwargs={"quote_token": str(token)}))
    said = {"quote": revision, "contact": link.contact, "link": address}
    mail = render_mail(template, said, link.contact.language or revision.language)
    link.secret_hash = token.hash
    link.mail = queue_mail(
        actor=actor,
        purpose_key=f"quote{'-reminder' if link.is_reminder else ''}:{revision.pk}:{link.recipient}",
        to=[link.recipient],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        client_id=revision.client_id,
        attachments=[pdf] if pdf else [],
        secret=True,
        now=now,
    )
    link.save(update_fields=["secret_hash", "mail"])


def _locked_unsent(revision: QuoteRevision) -> QuoteRevision:
    quote = locked_quote(revision.quote)
    row = QuoteRevision.objects.select_for_update(of=("self",)).get(pk=revision.pk)
    row.quote = quote
    if row.is_sent:
        raise Refused(_("It is sent already."))
    if not quote.can_become(QuoteState.OPEN):
        raise Refused(_("It is settled already. Reload the page to see where it stands."))
    return row


def _check(revision: QuoteRevision, lines: list[QuoteLine], contacts: Sequence[Contact], now: datetime) -> list[str]:
    """The addresses it goes to. Raises Refused for what the state of things does not allow."""
    if needs_approval(revision, lines) and revision.state != RevisionState.APPROVED:
        raise Refused(_("A second person must approve it first."))
    if revision.valid_until < shop_today(now):
        raise Refused(_("Its last day has passed: choose another."))
    if not contacts:
        raise Refused(_("Choose who gets it."))
    if any(contact.client_id != revision.client_id or contact.is_archived or not contact.email for contact in contacts):
        raise Refused(_("Somebody of them cannot get it. Choose again."))
    recipients = list(dict.fromkeys(contact.email.lower() for contact in contacts))
    if len(recipients) < len(contacts):
        raise Refused(_("Two of them have the same address: choose one, because each answers for themselves."))
    return recipients


def _freeze(
    revision: QuoteRevision, lines: list[QuoteLine], recipients: list[str], actor: Actor, now: datetime
) -> None:
    """Copy the parties, take the fingerprint, and send: from here on nothing of it changes."""
    parties = asdict(parties_of([revision.quote.client])[revision.client_id])
    for name in _PARTIES:
        setattr(revision, name, parties[name])
    revision.language, revision.recipients = parties["language"], recipients
    revision.state, revision.sent_at, revision.sent_by = RevisionState.SENT, now, actor.name
    revision.content_sha256 = content_hash(revision, lines)
    columns = ["language", "recipients", "state", "sent_at", "sent_by", "content_sha256"]
    revision.save(update_fields=[*_PARTIES, *columns])


def _hand_over(revision: QuoteRevision, contacts: Sequence[Contact], now: datetime) -> None:
    zone = ZoneInfo(shop().identity.zone)
    end = datetime.combine(revision.valid_until + timedelta(days=1), _MORNING, zone)
    for contact in contacts:
        QuoteLink.objects.create(
            pk=new_id(), revision=revision, client_id=revision.client_id, contact=contact,
            recipient=contact.email.lower(), created_at=now, expires_at=end + LINK_OUTLIVES,
        )  # fmt: skip
    QuoteRendering.objects.create(revision=revision, due_at=now)
    QuoteTimer.objects.create(revision=revision, due_at=_first_word(revision, end, now))


def _first_word(revision: QuoteRevision, end: datetime, now: datetime) -> datetime:
    """When the client is reminded; the end where that would be at once, or never."""
    days = quote_settings().remind_days
    reminder = end - timedelta(days=days + 1)
    return reminder if days and reminder > now + timedelta(days=1) else end


def _become_open(revision: QuoteRevision, now: datetime) -> None:
    sent = QuoteRevision.objects.filter(quote=revision.quote, state=RevisionState.SENT, ended_at=None)
    for older in sent.exclude(pk=revision.pk):
        end_revision(older, RevisionEnd.SUPERSEDED, now)
    quote = revision.quote
    quote.state, quote.sent_at, quote.valid_until = QuoteState.OPEN, now, revision.valid_until
    quote.answered_at, quote.is_waiting = None, False
    quote.save(update_fields=["state", "sent_at", "valid_until", "answered_at", "is_waiting"])
