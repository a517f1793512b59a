"""What an agreement says: a new version, the client's yes, blocks, milestones, templates, and billed time put right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import actions
from billing.access import invoice_or_404
from billing.access.agreements import (
    acceptance_file_or_404,
    agreement_or_404,
    billed_entry_or_404,
    block_or_404,
    milestone_or_404,
    template_or_404,
)
from billing.forms.agreements import (
    AcceptForm,
    BlockForm,
    CorrectionForm,
    MilestoneForm,
    TermsForm,
    items_formset,
    typed_items,
)
from billing.models import Agreement, AgreementVersion, BlockDraw
from billing.queries.lists import shop_today
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.actions import store_file
from msp.files.choices import Visibility
from msp.files.documents import response_of
from msp.files.rules import FileTooLarge
from msp.tenancy.keyset import page_of

from .agreements import PAGE_WITH_FORM, form_page


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def terms(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """A new version of the terms, from a day on; of a draft its only one."""
    found = agreement_or_404(agreement_id)
    latest = AgreementVersion.objects.filter(agreement=found).latest("valid_from")
    items = list(latest.items.order_by("position"))
    initial = {"valid_from": shop_today(timezone.now()), "because": ""}
    form = TermsForm(request.POST or None, instance=latest, initial=initial, agreement=found)
    rows = items_formset(found, items, request.POST or None)
    if form.is_bound and form.is_valid() and rows.is_valid():
        try:
            _add_version(request, found, form, typed_items(rows))
            return redirect(found)
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "rows": rows, "agreement": found}
    return render(request, "billing/agreement_terms.html", context, status=422 if form.is_bound else 200)


def _add_version(request: StaffRequest, found: Agreement, form: TermsForm, items: list[dict[str, object]]) -> None:
    actions.add_version(
        agreement=agreement_or_404(found.pk),
        valid_from=form.cleaned_data.get("valid_from", found.starts_on),
        terms=form.terms,
        items=items,
        because=form.cleaned_data.get("because", ""),
        actor=request.actor,
        now=timezone.now(),
    )
    messages.success(request, _("Saved. What lay before that day stays as it was."))


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def accept(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Record that the client said yes, with the signed document."""
    found = agreement_or_404(agreement_id)
    form = AcceptForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            _accept(request, found, form)
            messages.success(request, _("Kept. The agreement is in force."))
            return redirect(found)
        except (Refused, FileTooLarge) as refused:
            form.add_error(None, str(refused))
    return form_page(request, form, _("The client said yes"), found)


def _accept(request: StaffRequest, found: Agreement, form: AcceptForm) -> None:
    now, said = timezone.now(), form.cleaned_data
    upload, document = said["document"], None
    if upload:
        document = store_file(
            name=upload.name,
            content=upload.read(),
            content_type=upload.content_type,
            client_id=found.client_id,
            visibility=Visibility.PUBLIC,
            actor=request.actor,
            now=now,
        )
    version = AgreementVersion.objects.filter(agreement=found).select_related("agreement").latest("valid_from")
    said = {name: said[name] for name in ("name", "accepted_on", "how")}
    actions.accept_agreement(version=version, document=document, actor=request.actor, now=now, **said)


@require_safe
@staff(Capability.BILLING_VIEW)
def signed(request: StaffRequest, acceptance_id: UUID) -> HttpResponseBase:
    """The signed document."""
    return response_of(acceptance_file_or_404(acceptance_id))


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def new_block(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Add a prepaid block."""
    found = agreement_or_404(agreement_id)
    form = BlockForm(request.POST or None, initial={"valid_from": shop_today(timezone.now())})
    if form.is_bound and form.is_valid():
        try:
            key = form.cleaned_data["form_key"]
            actions.add_block(
                agreement=found, values=form.values, form_key=key, actor=request.actor, now=timezone.now()
            )
            return redirect(found)
        except Refused as refused:
            form.add_error(None, str(refused))
    return form_page(request, form, _("Add a block"), found)


@require_safe
@staff(Capability.BILLING_VIEW)
def block(request: StaffRequest, block_id: UUID) -> HttpResponse:
    """One block and how it was used."""
    found = block_or_404(block_id)
    draws = page_of(BlockDraw.objects.filter(block=found), order=("-drawn_at", "-id"), params=request.GET.dict())
    context = {"found": found, "agreement": found.agreement, "page": draws}
    return render(request, "billing/block.html", context)


@require_POST
@staff(Capability.BILLING_DRAFT)
def bill_block(request: StaffRequest, block_id: UUID) -> HttpResponseBase:
    """Draft an invoice for the block's price."""
    found = block_or_404(block_id)
    try:
        return redirect(actions.bill_block(block=found, actor=request.actor, now=timezone.now()))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:block", found.pk)


@require_POST
@staff(Capability.BILLING_APPROVE)
def close_block(request: StaffRequest, block_id: UUID) -> HttpResponseBase:
    """Close a block: what is left goes into the next one up to the cap, the rest lapses."""
    found, now = block_or_404(block_id), timezone.now()
    try:
        actions.close_block(block=found, on=shop_today(now), actor=request.actor, now=now)
        messages.success(request, _("The block is closed."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("billing:block", found.pk)


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def new_milestone(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Add a step of a project."""
    found, form = agreement_or_404(agreement_id), MilestoneForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            values = dict(form.cleaned_data)
            key, now = values.pop("form_key"), timezone.now()
            actions.add_milestone(agreement=found, values=values, form_key=key, actor=request.actor, now=now)
            return redirect(found)
        except Refused as refused:
            form.add_error(None, str(refused))
    return form_page(request, form, _("Add a milestone"), found)


@require_POST
@staff(Capability.BILLING_DRAFT)
def reach(request: StaffRequest, milestone_id: UUID) -> HttpResponseBase:
    """A step is reached: on to its draft."""
    step = milestone_or_404(milestone_id)
    try:
        return redirect(actions.reach_milestone(milestone=step, actor=request.actor, now=timezone.now()))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(step.agreement)


@require_POST
@staff(Capability.BILLING_APPROVE)
def keep_template(request: StaffRequest, agreement_id: UUID) -> HttpResponseBase:
    """Keep the terms as a template."""
    found, name = agreement_or_404(agreement_id), typed(request.POST, "name", 120)
    version = AgreementVersion.objects.filter(agreement=found).select_related("agreement").latest("valid_from")
    try:
        actions.keep_template(version=version, name=name, actor=request.actor, now=timezone.now())
        messages.success(request, _("Kept. New agreements can begin from it."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_POST
@staff(Capability.BILLING_APPROVE)
def archive_template(request: StaffRequest, agreement_template_id: UUID) -> HttpResponseBase:
    """Offer a template no longer."""
    template = template_or_404(agreement_template_id)
    actions.archive_template(template=template, actor=request.actor, now=timezone.now())
    messages.success(request, _("The template is archived."))
    return redirect("billing:new-agreement")


@PAGE_WITH_FORM
@staff(Capability.BILLING_APPROVE)
def correct(request: StaffRequest, invoice_id: UUID, time_entry_id: UUID) -> HttpResponseBase:
    """Say how long billed work really was; the next draft settles the difference."""
    entry, invoice = billed_entry_or_404(invoice_id, time_entry_id), invoice_or_404(invoice_id)
    form = CorrectionForm(request.POST or None, initial={"minutes": entry.minutes})
    if form.is_bound and form.is_valid():
        try:
            actions.correct_time(entry=entry, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Noted. The difference goes onto the client's next draft."))
            return redirect(invoice)
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "title": _("Correct billed time"), "invoice": invoice, "back": invoice.get_absolute_url()}
    return render(request, "billing/form.html", context, status=422 if form.is_bound else 200)
