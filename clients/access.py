"""Whether a request may have a client's record: 404 for not yours, by the walls; rights are the views' doors."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from msp.accounts.choices import Capability
from msp.accounts.models import Membership
from msp.accounts.requests import StaffRequest

from .models import Asset, Client, ClientNote, Complaint, Contact, Leave, OnCallShift, Promise, ServiceCalendar, Site
from .registry import kind_of


def client_or_404(client_slug: str) -> Client:
    return get_object_or_404(Client.objects, slug=client_slug)


def check_activity(request: StaffRequest, subject_id: UUID) -> None:
    """Who sees a client sees what was done to its record. Raises Http404 or PermissionDenied."""
    if not request.membership.can(Capability.CLIENTS_VIEW):
        raise PermissionDenied
    get_object_or_404(Client.objects, pk=subject_id)


def own_client() -> Client:
    """The one client that a contact's scope lets through."""
    return Client.objects.get()


def colleague_or_404(contact_id: UUID) -> Contact:
    """A living contact of the client in scope."""
    return get_object_or_404(Contact.objects.living(), pk=contact_id)


def site_or_404(client_slug: str, site_id: UUID) -> Site:
    return get_object_or_404(Site.objects.select_related("client"), pk=site_id, client__slug=client_slug)


def contact_or_404(client_slug: str, contact_id: UUID) -> Contact:
    return get_object_or_404(
        Contact.objects.select_related("client", "membership"), pk=contact_id, client__slug=client_slug
    )


def asset_or_404(client_slug: str, asset_id: UUID) -> Asset:
    return get_object_or_404(Asset.objects.select_related("client"), pk=asset_id, client__slug=client_slug)


def client_with_id_or_404(client_id: UUID) -> Client:
    return get_object_or_404(Client.objects, pk=client_id)


P = TypeVar("P", Site, Contact, Asset)


def part_or_404(model: type[P], part_id: UUID) -> P:
    """A site, a contact or a piece of equipment, by its id alone."""
    return get_object_or_404(
        model.objects.select_related("client", "site" if model is not Site else "client"), pk=part_id
    )


def promise_or_404(promise_id: UUID) -> Promise:
    return get_object_or_404(Promise.objects.select_related("client", "contact", "owner"), pk=promise_id)


def promise_by_hand_or_404(promise_id: UUID) -> Promise:
    """A promise that people keep themselves; what the product keeps (a first reply, say) is kept where that happens."""
    promise = promise_or_404(promise_id)
    if not kind_of(promise.kind).by_hand:
        raise Http404
    return promise


def note_or_404(client_slug: str, note_id: UUID, *, archived: bool = False) -> ClientNote:
    """A note on the page, or with `archived` any of them."""
    notes = ClientNote.objects.select_related("client")
    note = get_object_or_404(notes if archived else notes.filter(archived_at=None), pk=note_id)
    if note.client.slug != client_slug:
        raise Http404
    return note


def calendar_or_404(service_calendar_id: UUID) -> ServiceCalendar:
    return get_object_or_404(ServiceCalendar.objects, pk=service_calendar_id, archived_at=None)


def shift_or_404(on_call_shift_id: UUID) -> OnCallShift:
    return get_object_or_404(OnCallShift.objects.select_related("member"), pk=on_call_shift_id)


def offered_shift_or_404(on_call_shift_id: UUID, me: Membership) -> OnCallShift:
    """A shift that this person was asked to take over."""
    return get_object_or_404(OnCallShift.objects.select_related("member"), pk=on_call_shift_id, offered_to=me)


def leave_or_404(leave_id: UUID) -> Leave:
    return get_object_or_404(Leave.objects.select_related("member"), pk=leave_id)


def own_or_planned(me: Membership, member_id: UUID) -> None:
    """One plans for oneself; who assigns work plans for everybody. Raises PermissionDenied."""
    if member_id != me.pk and not me.can(Capability.TICKETS_ASSIGN):
        raise PermissionDenied


def complaint_or_404(complaint_id: UUID) -> Complaint:
    """A private word that this person may read: the owner alone."""
    return get_object_or_404(Complaint.objects.select_related("contact", "client"), pk=complaint_id)
