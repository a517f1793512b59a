"""Notes about a client, for the team only."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients import actions
from clients.access import client_or_404, note_or_404
from clients.forms import NoteForm
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest


@require_POST
@staff(Capability.CLIENTS_EDIT)
def create_note(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client, form = client_or_404(client_slug), NoteForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "title": _("New note"), "client": client, "back": client.get_absolute_url()}
        return render(request, "clients/form.html", context, status=422)
    body = form.cleaned_data["body"]
    actions.add_note(actor=request.actor, now=timezone.now(), client=client, author=request.membership, body=body)
    messages.success(request, _("Note kept for the team."))
    return redirect(client)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.CLIENTS_EDIT)
def edit_note(request: StaffRequest, client_slug: str, note_id: UUID) -> HttpResponse | HttpResponseBase:
    note = note_or_404(client_slug, note_id)
    form = NoteForm(request.POST or None, instance=note)
    if form.is_bound and form.is_valid():
        now, body = timezone.now(), form.cleaned_data["body"]
        actions.change_note(actor=request.actor, now=now, note=note_or_404(client_slug, note_id), body=body)
        messages.success(request, _("Saved."))
        return redirect(note.client)
    context = {
        "form": form,
        "title": _("Change the note"),
        "client": note.client,
        "back": note.client.get_absolute_url(),
    }
    return render(request, "clients/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def pin_note(request: StaffRequest, client_slug: str, note_id: UUID) -> HttpResponseBase:
    note = note_or_404(client_slug, note_id)
    actions.pin_note(actor=request.actor, now=timezone.now(), note=note, pinned=not note.is_pinned)
    return redirect(note.client)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def archive_note(request: StaffRequest, client_slug: str, note_id: UUID) -> HttpResponseBase:
    note = actions.archive_note(actor=request.actor, now=timezone.now(), note=note_or_404(client_slug, note_id))
    undo = reverse("clients:restore-note", args=[client_slug, note.pk])
    messages.success(request, _("Note taken off the page."), extra_tags=f"undo={undo}")
    return redirect(note.client)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def restore_note(request: StaffRequest, client_slug: str, note_id: UUID) -> HttpResponseBase:
    note = note_or_404(client_slug, note_id, archived=True)
    actions.restore_note(actor=request.actor, now=timezone.now(), note=note)
    messages.success(request, _("The note is back."))
    return redirect(note.client)
