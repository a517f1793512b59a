"""Reports of mail servers (RFC 3464): what we sent did not arrive. Only a report about a message of ours counts."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from clients.actions import mark_bouncing
from clients.models import Contact
from msp.accounts.rules import system_actor
from msp.mail.models import InboundMessage, OutgoingMail
from msp.mail.registry import Taken
from msp.notify.actions import notify
from msp.tenancy.ids import id_from
from tickets.models import Message, Ticket

from .machine_notes import note_by_machine

ACTOR = system_actor("mail")


def take_report(*, now: datetime, message: InboundMessage) -> Taken | None:
    """Mark whom a message of ours did not reach, on their record and on the ticket.

    None when the report names a message that is not ours and it may be a request after all: mail that only looks like a report.
    """
    report = message.reading.get("report", {})
    mail = OutgoingMail.objects.filter(message_id=report.get("original") or "-").first()
    if mail is None:
        return (
            Taken(_("It reports about a message that is not ours."), ignored=True) if report.get("recipients") else None
        )
    ours = {address.lower() for address in mail.recipients}
    failed = [each for each in report.get("recipients", []) if each["action"] == "failed" and each["address"] in ours]
    if not failed and report.get("recipients"):
        return Taken(_("It reports a delay; the message is still on its way."), ignored=True)
    for each in failed:
        _mark(mail, each["address"], _words(each), now)
    ticket = _ticket_of(mail)
    if ticket is None:
        names = ", ".join(each["address"] for each in failed) or _("somebody")
        return Taken(_("“%(subject)s” did not reach %(names)s.") % {"subject": mail.subject, "names": names})
    _tell(ticket, mail, failed, now)
    return Taken(f"#{ticket.number}", ticket.get_absolute_url())


def _words(recipient: dict[str, str]) -> str:
    return " ".join(filter(None, [recipient.get("status", ""), recipient.get("words", "")]))


def _mark(mail: OutgoingMail, address: str, words: str, now: datetime) -> None:
    people = Contact.objects.living().filter(email__iexact=address)
    for contact in people.filter(client=mail.client_id) if mail.client_id else people:
        mark_bouncing(actor=ACTOR, now=now, contact=contact, words=words)


def _ticket_of(mail: OutgoingMail) -> Ticket | None:
    kind, _colon, key = mail.purpose_key.partition(":")
    if (wanted := id_from(key.partition(":")[0])) is None:
        return None
    if kind == "message":
        found = Message.objects.filter(pk=wanted).select_related("ticket", "ticket__assignee").first()
        return found.ticket if found else None
    return Ticket.objects.filter(pk=wanted).select_related("assignee").first() if kind == "ack" else None


def _tell(ticket: Ticket, mail: OutgoingMail, failed: list[dict[str, str]], now: datetime) -> None:
    lines = [_("%(address)s: %(words)s") % {"address": each["address"], "words": _words(each)} for each in failed]
    head = _("A message of ours did not arrive.")
    note_by_machine(actor=ACTOR, now=now, ticket=ticket, body="\n".join([head, *lines]))
    who = ticket.assignee
    if who is not None:
        words = _("Mail about #%(number)s did not arrive.") % {"number": ticket.number}
        notify(to=who, now=now, words=words, url=ticket.get_absolute_url(), key=f"bounce:{mail.pk}")
