"""Every change to a client and what belongs to it. Values come from validated forms; unknown fields are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clients.models import Archivable, Asset, Client, ClientNote, Contact, Site
from clients.rules import free_slug, slug_base
from clients.signals import renamed
from msp.accounts.actions import invitations, people
from msp.accounts.actions.invitations import InvitationClosed, Invited
from msp.accounts.choices import MembershipKind
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from msp.audit.actions import record
from msp.tenancy.marks import check_mark

from .names import keep_names

TRIES = 5  # short names that somebody else may take while we do
R = TypeVar("R", Client, Site, Contact, Asset)

# In the order in which forms show them.
EDITABLE: dict[type[Archivable], tuple[str, ...]] = {
    Client: (
        "name", "trade", "phone", "email", "website", "address", "country", "zone", "currency", "language", "since", "calendar",
    ),
    Site: ("name", "address", "phone", "zone", "calendar", "is_main"),
    Contact: ("name", "job_title", "site", "email", "phone", "mobile", "language", "decides", "gets_invoices"),
    Asset: ("name", "kind", "site", "make_model", "serial", "bought_on", "warranty_until", "comment"),
}  # fmt: skip


class NoAddress(ValueError):
    """A contact without an e-mail address cannot be invited."""


class NameTaken(ValueError):
    """A record cannot come back, because another one has its name; the message says what to do."""


class StillNeeded(ValueError):
    """A record cannot be archived yet; the message says why."""


def create_client(*, actor: Actor, now: datetime, values: Mapping[str, Any]) -> Client:
    """Add a client with its main site at the same address. Raises ValueError for a field that is not editable."""
    with transaction.atomic():
        client = _with_free_slug(_checked(Client, values) | {"created_at": now})
        keep_names(client)
        record(actor=actor, verb="client.created", subject=client, now=now, data={"name": client.name})
        main = {"name": _("Main site"), "address": client.address, "phone": client.phone, "zone": client.zone}
        add_site(actor=actor, now=now, client=client, values=main | {"is_main": True})
    return client


def _with_free_slug(values: Mapping[str, Any]) -> Client:
    """Of two people who add clients of one name at once, the second waits for the first and takes the next short name."""
    for tries_left in reversed(range(TRIES)):
        taken = Client.objects.filter(slug__startswith=slug_base(values["name"])).values_list("slug", flat=True)
        try:
            with transaction.atomic():
                return Client.objects.create(**values, slug=free_slug(values["name"], set(taken)))
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError


def create_unsorted_client(*, actor: Actor, now: datetime, values: Mapping[str, Any]) -> Client:
    """The shop's built-in client, where mail from strangers waits until someone sorts it. One per shop."""
    with transaction.atomic():
        client = Client.objects.create(**_checked(Client, values), slug="unsorted", is_unsorted=True, created_at=now)
        record(actor=actor, verb="client.created", subject=client, now=now, data={"name": client.name})
    return client


def add_site(*, actor: Actor, now: datetime, client: Client, values: Mapping[str, Any]) -> Site:
    """Add a place. A main site takes over from the one before."""
    with transaction.atomic():
        if values.get("is_main"):
            _demote_main_site(client)
        site = Site.objects.create(client=client, **_checked(Site, values))
        keep_names(site)
        record(actor=actor, verb="site.created", subject=site, now=now, data={"name": site.name})
    return site


def add_contact(*, actor: Actor, now: datetime, client: Client, values: Mapping[str, Any]) -> Contact:
    """Add a person at a client."""
    with transaction.atomic():
        contact = Contact.objects.create(client=client, **_checked(Contact, values))
        keep_names(contact)
        record(actor=actor, verb="contact.created", subject=contact, now=now, data={"name": contact.name})
    return contact


def add_asset(*, actor: Actor, now: datetime, client: Client, values: Mapping[str, Any]) -> Asset:
    """Add a thing that the shop looks after."""
    with transaction.atomic():
        asset = Asset.objects.create(client=client, **_checked(Asset, values))
        keep_names(asset)
        record(actor=actor, verb="asset.created", subject=asset, now=now, data={"name": asset.name})
    return asset


def change(*, actor: Actor, now: datetime, row: R, values: Mapping[str, Any], mark: str = "") -> R:
    """Change a client, site, contact or asset; nothing is written when nothing differs. `mark`: what the form showed.

    Raises ValueError as above, and ChangedMeanwhile when the row was changed since the form was shown.
    """
    wanted = _checked(type(row), values)
    with transaction.atomic():
        before = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
        changed = {name: value for name, value in wanted.items() if getattr(before, name) != value}
        if not changed:
            return before
        check_mark(before, wanted, mark)
        if isinstance(row, Site) and changed.get("is_main"):
            _demote_main_site(row.client)
        was = {name: _plain(getattr(before, name)) for name in changed}
        for name, value in changed.items():
            setattr(before, name, value)
        fields = list(changed)
        if isinstance(before, Contact) and "email" in changed:
            before.bounced_at, before.bounce_words = None, ""
            fields += ["bounced_at", "bounce_words"]
        before.save(update_fields=fields)
        keep_names(before)
        data = {"name": str(before), "was": was, "now": {name: _plain(value) for name, value in changed.items()}}
        record(actor=actor, verb=f"{_kind(row)}.changed", subject=before, now=now, data=data)
        if isinstance(before, (Client, Contact)) and "name" in changed:
            renamed.send(sender=type(before), row=before, actor=actor, now=now)
        if isinstance(row, Contact) and "email" in changed:
            withdraw_portal_invitation(actor=actor, now=now, contact=row)
    return before


def archive(*, actor: Actor, now: datetime, row: R) -> R:
    """Take a record out of the lists; its history stays. Nobody joins as an archived contact or client any more.

    Raises StillNeeded for a main site or the Unsorted client.
    """
    if isinstance(row, Client) and row.is_unsorted:
        raise StillNeeded(_("Mail from strangers waits with this client, so it stays."))
    if isinstance(row, Site) and row.is_main:
        raise StillNeeded(_("Make another site the main one first."))
    with transaction.atomic():
        archived = _set_archived(actor=actor, now=now, row=row, at=now)
        invitations.withdraw_for(actor=actor, now=now, subject_ids=_who_may_join(row))
    return archived


def restore(*, actor: Actor, now: datetime, row: R) -> R:
    """Bring an archived record back. Raises NameTaken for a site whose name another one has by now."""
    try:
        with transaction.atomic():
            return _set_archived(actor=actor, now=now, row=row, at=None)
    except IntegrityError:
        words = _("There is another %(name)s by now. Give that one another name first.")
        raise NameTaken(words % {"name": row}) from None


def link_contact(*, actor: Actor, now: datetime, contact: Contact, membership: Membership) -> Contact:
    """Let a person use the portal as this contact. Raises InvitationClosed for an archived one, and when somebody else is it."""
    with transaction.atomic():
        contact = Contact.objects.select_for_update(of=("self",)).select_related("membership").get(pk=contact.pk)
        if contact.is_archived or (contact.membership is not None and contact.membership.ended_at is None):
            raise InvitationClosed
        contact.membership = membership
        contact.save(update_fields=["membership"])
        record(actor=actor, verb="contact.joined", subject=contact, now=now, data={"name": contact.name})
    return contact


def invite_contact(*, actor: Actor, now: datetime, contact: Contact, granted: Iterable[str]) -> Invited:
    """Write to a contact with a link to join the portal with these rights. Raises NoAddress without an e-mail."""
    if not contact.email:
        raise NoAddress(_("Write down an e-mail address for %(name)s first.") % {"name": contact.name})
    with transaction.atomic():
        invited = invitations.invite_person(
            actor=actor,
            now=now,
            email=contact.email,
            name=contact.name,
            kind=MembershipKind.CONTACT,
            granted=granted,
            subject_id=contact.pk,
        )
        record(actor=actor, verb="contact.invited", subject=contact, now=now, data={"name": contact.name})
    return invited


def withdraw_portal_invitation(*, actor: Actor, now: datetime, contact: Contact) -> bool:
    """Take back the contact's open invitation, so that its link works no more; False when there was none."""
    return bool(invitations.withdraw_for(actor=actor, now=now, subject_ids=[contact.pk]))


def ask_colleague_in(
    *, actor: Actor, now: datetime, client: Client, name: str, job_title: str, email: str, granted: Iterable[str]
) -> Contact:
    """A contact adds a colleague and invites them; a colleague already written down under that address is invited."""
    with transaction.atomic():
        contact = Contact.objects.filter(client=client, email__iexact=email, archived_at=None).first()
        if contact is None:
            values = {"name": name, "job_title": job_title, "email": email, "language": client.language}
            contact = add_contact(actor=actor, now=now, client=client, values=values)
        if contact.membership is None:
            invite_contact(actor=actor, now=now, contact=contact, granted=granted)
    return contact


def change_colleague(*, actor: Actor, now: datetime, contact: Contact, granted: Iterable[str]) -> Contact:
    """Give a contact exactly these rights in the portal. Without access nothing happens."""
    contact = Contact.objects.select_related("membership").get(pk=contact.pk)
    if contact.membership is not None:
        people.change_granted(actor=actor, now=now, membership=contact.membership, granted=granted)
    return contact


def end_portal_access(*, actor: Actor, now: datetime, contact: Contact) -> Contact:
    """Take the portal away from a contact, at once, and any invitation to it. Without access nothing else happens."""
    with transaction.atomic():
        withdraw_portal_invitation(actor=actor, now=now, contact=contact)
        if contact.membership is None:
            return contact
        people.end_membership(actor=actor, now=now, membership=contact.membership)
        contact.membership = None
        contact.save(update_fields=["membership"])
        record(actor=actor, verb="contact.left", subject=contact, now=now, data={"name": contact.name})
    return contact


def add_note(*, actor: Actor, now: datetime, client: Client, author: Membership | None, body: str) -> ClientNote:
    """Write down something about a client, for the team only."""
    with transaction.atomic():
        note = ClientNote.objects.create(
            client=client, author=author, author_name=actor.name, body=body, created_at=now
        )
        record(actor=actor, verb="client_note.created", subject=note, now=now)
    return note


def change_note(*, actor: Actor, now: datetime, note: ClientNote, body: str) -> ClientNote:
    """Rewrite a note; the old words stay in the activity log."""
    if body == note.body:
        return note
    with transaction.atomic():
        was, note.body, note.edited_at = note.body, body, now
        note.save(update_fields=["body", "edited_at"])
        record(actor=actor, verb="client_note.changed", subject=note, now=now, data={"was": was})
    return note


def pin_note(*, actor: Actor, now: datetime, note: ClientNote, pinned: bool) -> ClientNote:
    """Keep a note on top, or let it go."""
    with transaction.atomic():
        note.is_pinned = pinned
        note.save(update_fields=["is_pinned"])
        verb = "client_note.pinned" if pinned else "client_note.unpinned"
        record(actor=actor, verb=verb, subject=note, now=now)
    return note


def archive_note(*, actor: Actor, now: datetime, note: ClientNote) -> ClientNote:
    """Take a note off the page."""
    with transaction.atomic():
        note.archived_at = now
        note.save(update_fields=["archived_at"])
        record(actor=actor, verb="client_note.archived", subject=note, now=now)
    return note


def restore_note(*, actor: Actor, now: datetime, note: ClientNote) -> ClientNote:
    """Put a note that was taken off back on the page."""
    with transaction.atomic():
        note.archived_at = None
        note.save(update_fields=["archived_at"])
        record(actor=actor, verb="client_note.restored", subject=note, now=now)
    return note


def _checked(model: type[Archivable], values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := values.keys() - set(EDITABLE[model]):
        raise ValueError(f"not editable on {model.__name__}: {', '.join(sorted(unknown))}")
    return dict(values)


def _kind(row: Archivable) -> str:
    return str(row._meta.model_name)


def _plain(value: Any) -> Any:
    """What the activity log can keep of a field."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, (UUID, Archivable)) else value


def _who_may_join(row: Archivable) -> list[UUID]:
    """The contacts whose invitations end with a record."""
    if isinstance(row, Client):
        return list(Contact.objects.filter(client=row, membership=None).values_list("pk", flat=True))
    return [row.pk] if isinstance(row, Contact) else []


def _demote_main_site(client: Client) -> None:
    Site.objects.filter(client=client, is_main=True, archived_at=None).update(is_main=False)


def _set_archived(*, actor: Actor, now: datetime, row: R, at: datetime | None) -> R:
    if row.is_archived == (at is not None):
        return row
    with transaction.atomic():
        row.archived_at = at
        row.save(update_fields=["archived_at"])
        verb = f"{_kind(row)}.{'archived' if at else 'restored'}"
        record(actor=actor, verb=verb, subject=row, now=now, data={"name": str(row)})
    return row
