"""The settings of the desk: shelves of words (labels, categories, fields…), handled alike, and its limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_stubs_ext import StrOrPromise

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from tickets import actions
from tickets.forms import (
    CategoryForm,
    CustomFieldForm,
    LabelForm,
    ServiceFormForm,
    TicketSettingsForm,
    TicketTemplateForm,
)
from tickets.models import Category, CustomField, Label, ServiceForm, TicketTemplate
from tickets.queries.settings import ticket_settings
from tickets.rules import Refused


@dataclass(frozen=True)
class Shelf:
    """A kind of word: `name` is its word in URLs and keyword arguments; `order` and `shows` say how its list reads."""

    name: str
    plural: str
    model: Any
    form: Any
    title: StrOrPromise
    new_title: StrOrPromise
    why: StrOrPromise
    order: Sequence[str]
    related: Sequence[str] = ()

    def rows(self) -> QuerySet[Any]:
        return self.model.objects.select_related(*self.related).order_by(*self.order)  # type: ignore[no-any-return]


SHELVES = (
    Shelf(
        "label",
        "labels",
        Label,
        LabelForm,
        gettext_lazy("Labels"),
        gettext_lazy("New label"),
        gettext_lazy("Words that may stand on any ticket, beside its status. Clients do not see them."),
        ("name",),
    ),
    Shelf(
        "category",
        "categories",
        Category,
        CategoryForm,
        gettext_lazy("Categories"),
        gettext_lazy("New category"),
        gettext_lazy(
            "What kinds of work there are. A category may have parts, and fields that are asked about its tickets."
        ),
        ("position", "name"),
        ("parent",),
    ),
    Shelf(
        "custom_field",
        "fields",
        CustomField,
        CustomFieldForm,
        gettext_lazy("Fields"),
        gettext_lazy("New field"),
        gettext_lazy("What you want to know about the tickets of a category. Its parts are asked the same."),
        ("category__name", "position", "name"),
        ("category",),
    ),
    Shelf(
        "ticket_template",
        "templates",
        TicketTemplate,
        TicketTemplateForm,
        gettext_lazy("Templates"),
        gettext_lazy("New template"),
        gettext_lazy("Tickets written beforehand, with their tasks: to open by hand, or again and again by a plan."),
        ("name",),
        ("category",),
    ),
    Shelf(
        "service_form",
        "service_forms",
        ServiceForm,
        ServiceFormForm,
        gettext_lazy("Request forms"),
        gettext_lazy("New request form"),
        gettext_lazy("Forms that your clients choose from when they ask for help in the portal."),
        ("position", "name"),
        ("category",),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def limits(request: StaffRequest) -> HttpResponseBase:
    """Limits of files, and the priorities that follow from impact and urgency."""
    form = TicketSettingsForm(request.POST if request.method == "POST" else None, instance=ticket_settings())
    if form.is_bound and form.is_valid():
        actions.save_ticket_settings(actor=request.actor, now=timezone.now(), values=form.values)
        messages.success(request, _("Saved."))
        return redirect("tickets:limits")
    return render(request, "tickets/limits.html", {"form": form}, status=422 if form.is_bound else 200)


def _list_view(shelf: Shelf) -> Callable[..., HttpResponseBase]:
    @require_safe
    @staff(Capability.SETTINGS_MANAGE)
    def show(request: StaffRequest) -> HttpResponseBase:
        return render(request, f"tickets/{shelf.plural}.html", {"shelf": shelf, **_sorted(shelf)})

    return show


def _sorted(shelf: Shelf) -> dict[str, Any]:
    rows = list(shelf.rows())
    return {
        "living": [row for row in rows if not row.is_archived],
        "archived": [row for row in rows if row.is_archived],
    }


def _edit_view(shelf: Shelf, *, new: bool) -> Callable[..., HttpResponseBase]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @staff(Capability.SETTINGS_MANAGE)
    def edit(request: StaffRequest, /, **key: UUID) -> HttpResponseBase:
        row = shelf.model() if new else _row_or_404(shelf, key)
        form = shelf.form(request.POST if request.method == "POST" else None, instance=row)
        if form.is_bound and form.is_valid():
            actions.save_word(actor=request.actor, now=timezone.now(), row=row, values=form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(f"tickets:{shelf.plural}")
        return word_page(request, shelf, form, None if new else row)

    return edit


def word_page(request: HttpRequest, shelf: Shelf, form: Any, row: Any) -> HttpResponseBase:
    context = {"form": form, "shelf": shelf, "row": row, "back": reverse(f"tickets:{shelf.plural}")}
    if row is not None:
        context["archive"] = reverse(f"tickets:archive-{shelf.name}", args=[row.pk])
    return render(request, "tickets/word.html", context, status=422 if form.is_bound else 200)


def _archive_view(shelf: Shelf, *, back: bool) -> Callable[..., HttpResponseBase]:
    @require_POST
    @staff(Capability.SETTINGS_MANAGE)
    def archive(request: StaffRequest, /, **key: UUID) -> HttpResponseBase:
        row, told = _row_or_404(shelf, key), _("%(name)s is back.") if back else _("%(name)s was archived.")
        act = actions.restore_word if back else actions.archive_word
        try:
            act(actor=request.actor, now=timezone.now(), row=row)
        except Refused as reason:
            messages.error(request, str(reason))
        else:
            undo = "" if back else f"undo={reverse(f'tickets:restore-{shelf.name}', args=[row.pk])}"
            messages.success(request, told % {"name": row}, extra_tags=undo)
        return redirect(f"tickets:{shelf.plural}")

    return archive


def _row_or_404(shelf: Shelf, key: dict[str, UUID]) -> Any:
    return get_object_or_404(shelf.rows(), pk=key[f"{shelf.name}_id"])


def routes(shelf: Shelf) -> list[URLPattern]:
    """List, new, edit, archive and restore: `tickets:labels`, `tickets:new-label`, `tickets:edit-label`, …"""
    root = f"settings/{shelf.plural}/"
    one = f"{root}<uuid:{shelf.name}_id>/"
    return [
        path(root, _list_view(shelf), name=shelf.plural),
        path(f"{root}new/", _edit_view(shelf, new=True), name=f"new-{shelf.name}"),
        path(one, _edit_view(shelf, new=False), name=f"edit-{shelf.name}"),
        path(f"{one}archive/", _archive_view(shelf, back=False), name=f"archive-{shelf.name}"),
        path(f"{one}restore/", _archive_view(shelf, back=True), name=f"restore-{shelf.name}"),
    ]
