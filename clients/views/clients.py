"""The client list and the client itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import actions
from clients.access import client_or_404
from clients.forms import ClientForm, NoteForm
from clients.queries import client_list, held_for, record_of
from clients.registry import PANELS
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.models import ShopSettings
from msp.accounts.requests import StaffRequest, typed
from msp.tenancy.keyset import page_of
from msp.tenancy.marks import ChangedMeanwhile


@require_safe
@staff(Capability.CLIENTS_VIEW)
def client_page_list(request: StaffRequest) -> HttpResponse:
    words, archived = typed(request.GET, "q"), request.GET.get("view") == "archived"
    found = client_list(words=words, archived=archived)
    page = page_of(found, order=("name", "id"), params=request.GET.dict())
    held = held_for(page.rows)
    rows = [(client, held[client.pk]) for client in page.rows]
    return render(request, "clients/list.html", {"page": page, "rows": rows, "words": words, "archived": archived})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.CLIENTS_EDIT)
def create_client(request: StaffRequest) -> HttpResponseBase:
    form = ClientForm(request.POST) if request.method == "POST" else ClientForm.for_shop(ShopSettings.objects.get())
    if form.is_bound and form.is_valid():
        client = actions.create_client(actor=request.actor, now=timezone.now(), values=form.cleaned_data)
        messages.success(request, _("%(name)s was added.") % {"name": client.name})
        return redirect(client)
    context = {"form": form, "title": _("New client"), "back": reverse("clients:list")}
    return render(request, "clients/form.html", context, status=422 if form.is_bound else 200)


@require_safe
@staff(Capability.CLIENTS_VIEW)
def client_detail(request: StaffRequest, client_slug: str) -> HttpResponse:
    client, archived = client_or_404(client_slug), request.GET.get("view") == "archived"
    panels = [panel for panel in sorted(PANELS, key=lambda p: p.order) if request.membership.can(panel.capability)]
    context = {
        "client": client,
        "record": record_of(client, archived=archived, params=request.GET.dict()),
        "archived": archived,
        "panels": [] if archived else panels,
        "note_form": NoteForm(),
    }
    return render(request, "clients/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.CLIENTS_EDIT)
def edit_client(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    form = ClientForm(request.POST or None, instance=client)
    if form.is_bound and form.is_valid():
        values, mark = form.cleaned_data, form.shown
        try:
            actions.change(actor=request.actor, now=timezone.now(), row=client, values=values, mark=mark)
            messages.success(request, _("Saved."))
            return redirect(client)
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    context = {"form": form, "title": _("Change %(name)s") % {"name": client.name}, "back": client.get_absolute_url()}
    return render(request, "clients/form.html", context, status=form.status)


@require_POST
@staff(Capability.CLIENTS_EDIT)
def archive_client(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = client_or_404(client_slug)
    try:
        actions.archive(actor=request.actor, now=timezone.now(), row=client)
    except actions.StillNeeded as reason:
        messages.error(request, str(reason))
        return redirect(client)
    undo = reverse("clients:restore", args=[client.slug])
    messages.success(request, _("%(name)s was archived.") % {"name": client.name}, extra_tags=f"undo={undo}")
    return redirect("clients:list")


@require_POST
@staff(Capability.CLIENTS_EDIT)
def restore_client(request: StaffRequest, client_slug: str) -> HttpResponseBase:
    client = actions.restore(actor=request.actor, now=timezone.now(), row=client_or_404(client_slug))
    messages.success(request, _("%(name)s is back.") % {"name": client.name})
    return redirect(client)
