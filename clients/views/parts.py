"""Sites, contacts and equipment: three kinds of record that a client has many of, handled alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_stubs_ext import StrOrPromise

from clients import actions
from clients.access import asset_or_404, client_or_404, contact_or_404, site_or_404
from clients.forms import AssetForm, ContactForm, SiteForm
from clients.models import Asset, Client, Contact, Site
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.forms import MarkedForm
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile


@dataclass(frozen=True)
class Part:
    """A kind of record: how it is made, found and called. `name` is its word in URLs and keyword arguments."""

    name: str
    plural: str
    model: type[Site] | type[Contact] | type[Asset]
    form: type[MarkedForm[Any]]
    add: Callable[..., Site | Contact | Asset]
    find: Callable[[str, UUID], Any]
    new_title: StrOrPromise


PARTS = (
    Part("site", "sites", Site, SiteForm, actions.add_site, site_or_404, gettext_lazy("New site")),
    Part("contact", "people", Contact, ContactForm, actions.add_contact, contact_or_404, gettext_lazy("New contact")),
    Part("asset", "equipment", Asset, AssetForm, actions.add_asset, asset_or_404, gettext_lazy("New equipment")),
)


def _form_page(request: StaffRequest, form: MarkedForm[Any], title: str, client: Client) -> HttpResponseBase:
    context = {"form": form, "title": title, "client": client, "back": client.get_absolute_url()}
    return render(request, "clients/form.html", context, status=form.status)


def _create_view(part: Part) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @staff(Capability.CLIENTS_EDIT)
    def create(request: StaffRequest, client_slug: str) -> HttpResponseBase:
        client = client_or_404(client_slug)
        blank = part.model(client=client)
        for name in {"zone", "language"} & {field.name for field in part.model._meta.fields}:
            setattr(blank, name, getattr(client, name))
        form = part.form(request.POST or None, instance=blank)
        if form.is_bound and form.is_valid():
            row = part.add(actor=request.actor, now=timezone.now(), client=client, values=form.cleaned_data)
            messages.success(request, _("%(name)s was added.") % {"name": row})
            return redirect(client)
        return _form_page(request, form, str(part.new_title), client)

    return create


def _edit_view(part: Part) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @staff(Capability.CLIENTS_EDIT)
    def edit(request: StaffRequest, /, client_slug: str, **key: UUID) -> HttpResponseBase:
        row = part.find(client_slug, key[f"{part.name}_id"])
        form = part.form(request.POST or None, instance=row)
        if form.is_bound and form.is_valid():
            values, mark = form.cleaned_data, form.shown
            try:
                actions.change(actor=request.actor, now=timezone.now(), row=row, values=values, mark=mark)
                messages.success(request, _("Saved."))
                return redirect(row.client)
            except ChangedMeanwhile as changed:
                form.show_changed(changed)
        return _form_page(request, form, _("Change %(name)s") % {"name": row}, row.client)

    return edit


def _archive_view(part: Part) -> Callable[..., HttpResponseBase]:
    @require_POST
    @staff(Capability.CLIENTS_EDIT)
    def archive(request: StaffRequest, /, client_slug: str, **key: UUID) -> HttpResponseBase:
        row = part.find(client_slug, key[f"{part.name}_id"])
        try:
            actions.archive(actor=request.actor, now=timezone.now(), row=row)
        except actions.StillNeeded as reason:
            messages.error(request, str(reason))
            return redirect(row.client)
        undo = reverse(f"clients:restore-{part.name}", args=[client_slug, row.pk])
        messages.success(request, _("%(name)s was archived.") % {"name": row}, extra_tags=f"undo={undo}")
        return redirect(row.client)

    return archive


def _restore_view(part: Part) -> Callable[..., HttpResponseBase]:
    @require_POST
    @staff(Capability.CLIENTS_EDIT)
    def restore(request: StaffRequest, /, client_slug: str, **key: UUID) -> HttpResponseBase:
        row = part.find(client_slug, key[f"{part.name}_id"])
        try:
            actions.restore(actor=request.actor, now=timezone.now(), row=row)
            messages.success(request, _("%(name)s is back.") % {"name": row})
        except actions.NameTaken as reason:
            messages.error(request, str(reason))
        return redirect(row.client)

    return restore


def routes(part: Part) -> list[URLPattern]:
    """Create, edit, archive and restore: `clients:create-site`, `clients:edit-site`, …"""
    root = f"<slug:client_slug>/{part.plural}/"
    one = f"{root}<uuid:{part.name}_id>/"
    return [
        path(f"{root}new/", _create_view(part), name=f"create-{part.name}"),
        path(f"{one}edit/", _edit_view(part), name=f"edit-{part.name}"),
        path(f"{one}archive/", _archive_view(part), name=f"archive-{part.name}"),
        path(f"{one}restore/", _restore_view(part), name=f"restore-{part.name}"),
    ]
