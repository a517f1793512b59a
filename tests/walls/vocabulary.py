"""What the walls test must be told about the apps: what addresses are filled with, and what rows cannot tell by themselves.

An address's `ticket_id`, `time_entry_id` … is the key of the planted row of the model of that name; everything else stands here.
When a new route or model makes the walls test ask for a value, this is the only file to edit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from clients.models import Client
from msp.files.actions import write_bytes
from msp.tenancy.models import TenantModel
from msp.tenancy.tokens import Token
from msp.tenancy.walls import tenant_models

if TYPE_CHECKING:
    from tests.walls.plants import Place

# --- addresses ---

SECRET = "leaves-no-trace"  # of every link from outside

# Name in a route → its value at a place, where the name is not that of a model.
KWARGS: dict[str, Callable[[Place], Any]] = {
    "client_slug": lambda place: place.rows[Client].slug,  # type: ignore[attr-defined]
    "ticket_number": lambda place: place.row("tickets.Ticket").number,
    "note_id": lambda place: place.row("clients.ClientNote").pk,
    "membership_id": lambda place: place.shop.staff["technician"].pk,  # the contacts' own stand nowhere in an address
    "invitation_token": lambda place: Token(place.shop.tenant.pk, place.row("accounts.Invitation").pk, SECRET),
    "go_token": lambda place: Token(place.shop.tenant.pk, place.row("tickets.SolvedLink").pk, SECRET),
    "deposit_id": lambda place: place.row("billing.Invoice").pk,
    "line_id": lambda place: place.row("billing.InvoiceLine").pk,
    "after": lambda place: place.row("billing.QuoteRevision").number,
    "quote_token": lambda place: Token(place.shop.tenant.pk, place.row("billing.QuoteLink").pk, SECRET),
    "mail_token": lambda place: Token(place.shop.tenant.pk, place.row("mail.Mailbox").pk, SECRET),
    "card_token": lambda place: Token(place.shop.tenant.pk, place.row("billing.CardProcessor").pk, SECRET),
    "kind": lambda place: "forward",  # of a new mailbox
    "language": lambda place: "en",  # of a reminder's text
    "mail_id": lambda place: place.row("mail.OutgoingMail").pk,
    "file_id": lambda place: place.row("files.StoredFile").pk,
    "sign_in_mail_id": lambda place: place.client.client.pk,  # of no shop: not there outside a demo
    "queue_name": lambda place: "jobs",
    "due_row_id": lambda place: place.row("jobs.Job").pk,
    "subject_kind": lambda place: "clients.client",
    "subject_id": lambda place: place.client.client.pk,
    # Of allauth's own pages, which know no shop: values that fit the address and open nothing.
    "uidb36": lambda place: "1",
    "key": lambda place: "set-password",
    "pk": lambda place: 1,
}

# Names in public addresses that are the secret of the row they name: whoever has it may see the row.
SECRETS = frozenset({"invitation_token", "go_token", "quote_token"})

# Names in addresses that lead to no row.
NO_OBJECT = frozenset({"kind", "after", "language"})


def value_of(name: str, place: Place) -> Any:
    """What stands in an address for `name`. Raises KeyError when nobody said."""
    if name in KWARGS:
        return KWARGS[name](place)
    if name.endswith("_id") and (model := _MODELS.get(name.removesuffix("_id"))) is not None:
        return place.rows[model].pk
    raise KeyError(f"no value for {name} in tests/walls/vocabulary.py")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


_MODELS: dict[str, type[TenantModel]] = {_snake(model.__name__): model for model in tenant_models()}


# --- answers ---


@dataclass(frozen=True)
class Odd:
    """Answers of a route, beyond its door's, that are right for people who may come in, and why."""

    statuses: frozenset[int]
    why: str


_NO_DEMO = Odd(frozenset({404}), "only a demo of one's own shows the mails of people without a shop")
_SHARED_REPLY = Odd(frozenset({403}), "everybody's saved replies are changed by whoever manages the shop's settings")
_NO_PICTURE = Odd(frozenset({404}), "a file without a picture has no small one")
_ONES_OWN = Odd(frozenset({404}), "it is there for the one person who was told or asked")
_DRAFT = Odd(frozenset({404}), "a draft has no document and takes no money")
_TIME = Odd(frozenset({403}), "time is corrected by its owner, and by whoever assigns work or checks invoices")
ODD: dict[str, Odd] = {
    "jobs:healthz": Odd(frozenset({503}), "no worker runs beside these tests, and monitoring must hear it"),
    "jobs:job": Odd(frozenset({404}), "a job is shown to who asked for it, and to who may see the system"),
    "notify:read": _ONES_OWN,
    "clients:answer-offer": _ONES_OWN,
    "billing:portal-approval": _ONES_OWN,
    "billing:portal-answer-approval": _ONES_OWN,
    "mail:sign-in": _NO_DEMO,
    "mail:sign-in-message": _NO_DEMO,
    "mail:file": Odd(frozenset({404}), "the client's other file was not enclosed"),
    "tickets:assign": Odd(frozenset({403}), "whoever may not assign others may still take a ticket"),
    "tickets:edit-time": _TIME,
    "tickets:delete-time": _TIME,
    "tickets:undo": Odd(
        frozenset({403}), "who may not work on tickets takes back only what they did to somebody's time"
    ),
    "tickets:thumbnail": _NO_PICTURE,
    "tickets:edit-reply": _SHARED_REPLY,
    "tickets:archive-view": Odd(frozenset({403}), "views for everybody are put away by whoever may share them"),
    "tickets:archive-reply": _SHARED_REPLY,
    "tickets:portal-thumbnail": _NO_PICTURE,
    "tickets:drop-attachment": Odd(frozenset({404}), "only a file that one holds and has not sent can be thrown away"),
    "api:revoke-own-token": _ONES_OWN,
    "billing:api-invoice": _DRAFT,
    "billing:pdf": _DRAFT,
    "billing:xml": _DRAFT,
    "billing:credit-note": _DRAFT,
    "billing:debit-note": _DRAFT,
    "billing:bill-proforma": _DRAFT,
    "billing:pay": _DRAFT,
    "billing:pay-promise": _DRAFT,
    "billing:skip-reminder": _DRAFT,
    "billing:use-credit": _DRAFT,
    "billing:deduct-deposit": _DRAFT,
    "billing:write-off": _DRAFT,
    "billing:correct-time": _DRAFT,
    "billing:quote-pdf": _DRAFT,
    "billing:quote-compare": Odd(frozenset({404}), "nothing stands before the first revision"),
}

# --- jobs ---

# Kind of job → the payload that is about a place.
PAYLOADS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "tickets.thumbnail": lambda place: {"attachment": str(place.row("tickets.Attachment").pk)},
    "tickets.find_again": lambda place: {"client": str(place.row("clients.Client").pk)},
    "billing.look": lambda place: {"client": str(place.row("clients.Client").pk)},
    "tickets.take_over": lambda place: {"member": str(place.row("accounts.Membership").pk)},
}


def payload_of(kind: str, place: Place) -> dict[str, Any]:
    """What a job of this kind is told. Raises KeyError when nobody said."""
    if kind not in PAYLOADS:
        raise KeyError(f"no payload for {kind} in tests/walls/vocabulary.py")
    return PAYLOADS[kind](place)


# --- rows ---

NOTE = "leaknote"  # in every text that no client may ever read
THEN = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)

# Columns that hold a code of a known kind in every table: they carry no words.
BY_NAME: dict[str, Any] = {
    "zone": "Europe/London",
    "country": "GB",
    "currency": "GBP",
    "language": "en",
    "landing": "",
    "sha256": "0" * 64,
}


def by_name(name: str) -> Any:
    return BY_NAME.get(name)


_WINDOWS = [[day, 9 * 60, 17 * 60] for day in range(5)]
_FINISHED = {"finished_at": THEN}
_UNSENT = {
    **dict.fromkeys(("sent_at", "pdf", "pdf_sha256", "ended_at", "ended_as")),
    "state": "draft",
    "content_sha256": "",
    "total": 1,
    "net": 1,
    "tax": 0,
}
_OF_ISSUED = ("number", "series", "sequence", "pdf", "pdf_sha256", "xml", "xml_sha256")


def _stored(place: Place, words: str) -> dict[str, Any]:
    """Real bytes, so that a download gives the words away."""
    content = words.encode()
    kept = write_bytes(tenant_id=place.shop.tenant.pk, name=words, content=content, content_type="text/plain")
    return asdict(kept)


# Model → the values that its constraints ask for beyond the fields' types; they may use the place and its words.
VALUES: Mapping[str, Callable[[Place, str], dict[str, Any]]] = {
    # Whoever holds its link reads it, so it carries no note.
    "accounts.Invitation": lambda place, words: {
        "kind": "staff",
        "roles": ["technician"],
        "name": place.words[0],
        "invited_by": place.words[0],
        "email": f"invited.{place.words[0]}@example.com",
        "secret_hash": Token(0, place.client.client.pk, SECRET).hash,
        "expires_at": LATER,
    },
    "api.ApiToken": lambda place, words: {
        "kind": "service",
        "member": None,
        "scopes": ["clients:read"],
        "revoked_at": None,
        "expires_at": LATER,
    },
    "audit.Entry": lambda place, words: {
        "verb": "client.changed",
        "subject_kind": "clients.client",
        "subject_id": place.client.client.pk,
        "data": {"name": words, "was": {}, "now": {}},
    },
    "clients.OnCallShift": lambda place, words: {
        "member": place.shop.staff["technician"],
        "offered_to": place.shop.staff["dispatcher"],
        "in_return": None,
        "starts_at": THEN,
        "ends_at": LATER,
    },
    "files.StoredFile": _stored,
    "mail.MailSettings": lambda place, words: {"password_sealed": ""},
    "mail.Mailbox": lambda place, words: {
        "kind": "http",
        "is_main": False,
        "secret_hash": Token(0, place.client.client.pk, SECRET).hash,
        "state": "new",
        "after": "seen",
    },
    "mail.MailboxPoll": lambda place, words: {"due_at": LATER},
    "mail.InboundMessage": lambda place, words: (
        {"raw": words.encode(), "raw_path": "", "to": [], "state": "failed", "url": ""} | _FINISHED
    ),
    "mail.InboundPart": _stored,
    "mail.OutgoingMail": lambda place, words: (
        {"to": [f"{place.words[0]}@example.com"], "state": "captured"} | _FINISHED
    ),
    "webhooks.Endpoint": lambda place, words: {
        "events": ["ticket.created"],
        "failures": 0,
        "failing_since": None,
        "old_secret_sealed": "",
        "old_secret_until": None,
        "paused_at": None,
        "paused_because": "",
        "rests_until": None,
    },
    "webhooks.Delivery": lambda place, words: {"body": json.dumps({"words": words}), "state": "failed"} | _FINISHED,
    "search.Found": lambda place, words: {"kind": "ticket", "label": words, "hint": words},
    "search.Token": lambda place, words: {"kind": "ticket", "token": "leak"},
    "notify.Notification": lambda place, words: {"url": f"/?{place.words[0]}"},
    "notify.PagerMessage": lambda place, words: {"url": f"/?{place.words[0]}"},
    "clients.Promise": lambda place, words: {
        "subject_kind": "clients.client",
        "subject_id": place.client.client.pk,
        "ordinal": next(place.numbers),
        "kind": "callback",
        "due_at": LATER,
        "promised_at": LATER,
        "contact": place.contact,
        "shown": True,
        "stages": [["due", LATER.isoformat(), True]],
        "working": [{"words": words, "at": None, "minutes": None, "params": {}}],
    },
    "tickets.Watcher": lambda place, words: {"member": None, "contact": place.contact},
    "tickets.RecurringTicket": lambda place, words: {"rule": "FREQ=DAILY;INTERVAL=1", "opens_at": THEN.time()},
    "tickets.TimeWeek": lambda place, words: {"because": words},
    "tickets.SavedView": lambda place, words: {"owner": None, "query": "view=team"},
    "tickets.SavedReply": lambda place, words: {"owner": None},
    "tickets.SolvedLink": lambda place, words: {
        "secret_hash": Token(0, place.client.client.pk, SECRET).hash,
        "expires_at": LATER,
    },
    "tickets.Ticket": lambda place, words: {"summary": f"{NOTE} {words}", "confidential_to": None},
    "tickets.Message": lambda place, words: {
        "contact": None if place.hides else place.contact,
        "recipients": [{"name": words, "email": f"{place.words[0]}@example.com"}],
        "withdrawn_at": None,
        "confidential_to": None,
    },
    "clients.ServiceCalendar": lambda place, words: {"windows": _WINDOWS, "days": [["2026-01-05", words, False]]},
    "tickets.SlaClock": lambda place, words: {
        "exclusion": "",
        "exclusion_decided_by": None,
        "target_minutes": 60,
        "terms": {"zone": "Europe/London", "windows": _WINDOWS, "country": "GB", "region": "", "days": []},
        "pauses": [],
    },
    "tickets.SlaPolicy": lambda place, words: {"archived_at": None},
    "tickets.SlaTarget": lambda place, words: {"first_response": 30, "next_update": 60, "resolution": 480},
    "billing.Milestone": lambda place, words: {"line": None},
    # An entry of one line that moves nothing balances.
    "billing.JournalEntry": lambda place, words: {"lines": 1, "booked_on": THEN.date(), "reverses": None},
    "billing.JournalLine": lambda place, words: {"amount": 0, "booked_on": THEN.date()},
    "billing.Books": lambda place, words: {"closed_through": None},
    "billing.Receivable": lambda place, words: {"total": 1, "paid": 0, "owed": 1},
    "billing.Allocation": lambda place, words: {"credit_note": None, "write_off": None, "refund": None, "undoes": None},
    # Two of three stand on the invoice, by a colleague one of them; taking both back leaves three.
    "billing.Payment": lambda place, words: {"kind": "received", "amount": 3},
    "billing.OnAccount": lambda place, words: {"total": 3, "left": 1},
    "billing.CardProcessor": lambda place, words: {
        "secret_key_sealed": "",
        "signing_secret_sealed": "",
        "hook_hash": Token(0, place.client.client.pk, SECRET).hash,
        "is_on": False,
    },
    "billing.Checkout": lambda place, words: {"due_at": LATER, "url": f"https://{place.words[0]}.example.com/"},
    "billing.StatementPdf": lambda place, words: {"pdf": place.row("files.StoredFile"), "due_at": LATER},
    "billing.BankLine": lambda place, words: {"state": "open", "payment": None},
    "billing.Invoice": lambda place, words: (
        dict.fromkeys(_OF_ISSUED)
        | {"total": 1, "net": 1, "tax": 0, "corrects": None, "correction_reason": "", "e_invoice": "facturx"}
    ),
    "billing.TaxRate": lambda place, words: {"category": "S", "second_name": "", "second_rate": 0},
    "billing.FinishedWork": lambda place, words: dict.fromkeys(
        ("starts_at", "ends_at", "settled_at", "agreement", "milestone")
    ),
    "billing.Part": lambda place, words: {"line": None, "removed_at": None},
    "billing.Printing": lambda place, words: {"printed_at": None},
    "billing.InvoiceLine": lambda place, words: {"source": {"words": f"{NOTE} {words}"}},
    "billing.Quote": lambda place, words: {"state": "open", "valid_until": LATER.date()},
    "billing.QuoteRevision": lambda place, words: _UNSENT | {"valid_until": LATER.date(), "approval_words": ""},
    "billing.QuoteLine": lambda place, words: {"role": "required", "group": "", "preselected": True},
    "billing.QuoteLink": lambda place, words: {
        "secret_hash": Token(0, place.client.client.pk, SECRET).hash,
        "expires_at": LATER,
        "contact": place.contact,
    },
    "billing.QuoteAnswer": lambda place, words: {"kind": "declined", "total": 1, "net": 1, "tax": 0},
    "billing.ClientApproval": lambda place, words: {"answered_at": None, "contact": place.contact, "shown": []},
    "billing.LineQuery": lambda place, words: {"answer_by": LATER, "credit_note": None},
    "billing.LoyaltyRule": lambda place, words: {"percent": 5},
    "billing.QueryMessage": lambda place, words: {"by_client": True},
    "billing.ReminderFee": lambda place, words: {"waived_because": "", "waived_by": "", "amount": 5},
}


def settle(place: Place) -> None:
    """What can only come to pass when all rows of a place are there."""
    if place.hides:
        return
    invoice: Any = place.row("billing.Invoice")
    invoice.status, invoice.series = "issued", place.row("billing.Series")
    invoice.number, invoice.sequence = f"{place.words[0]} {place.words[1]} {place.name}"[:40], next(place.numbers)
    invoice.issued_at, invoice.issued_on, invoice.due_on = THEN, THEN.date(), THEN.date()
    invoice.save()
    invoice.pdf, invoice.pdf_sha256 = place.row("files.StoredFile"), "0" * 64
    invoice.xml, invoice.xml_sha256 = place.row("files.StoredFile"), "0" * 64
    invoice.save()
    revision: Any = place.row("billing.QuoteRevision")
    revision.state, revision.sent_at, revision.content_sha256 = "sent", THEN, "0" * 64
    revision.pdf, revision.pdf_sha256 = place.row("files.StoredFile"), "0" * 64
    revision.save()


# Models whose rows the portal reads by another column than `visibility`; VALUES makes the hidden ones so that it may not.
HIDING = frozenset(
    {
        "billing.Invoice",
        "billing.InvoiceLine",
        "billing.InvoiceTax",
        "billing.Quote",
        "billing.QuoteRevision",
        "billing.QuoteLine",
    }
)


def can_hide(model: type[TenantModel]) -> bool:
    """Whether a client's contacts may read some rows of a table and not others."""
    return model._meta.label in HIDING or any(each.name == "visibility" for each in model._meta.local_fields)


def values_for(model: type[TenantModel], place: Place, words: str) -> dict[str, Any]:
    """What VALUES says about a model, or nothing."""
    said = VALUES.get(model._meta.label)
    return said(place, words) if said else {}
