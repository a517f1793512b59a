"""Settings, Reminders and queries: how they work, the steps, and what each says in each language."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import actions
from billing.access import step_or_404
from billing.documents.sample import sample_mail
from billing.forms.reminders import CareForm, StepForm, TextForm
from billing.models import DunningStep, DunningText
from billing.queries.care import care_settings
from billing.queries.steps import languages_of_texts, steps_with_texts, text_of
from billing.rules.dunning import PLACEHOLDERS
from billing.rules.refusals import Refused
from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.tenancy.marks import ChangedMeanwhile

_PAGE_WITH_FORM = require_http_methods(["GET", "HEAD", "POST"])


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    """How it all works, and the ladder."""
    form = CareForm(request.POST or None, instance=care_settings())
    if form.is_bound and form.is_valid():
        try:
            values, mark = form.cleaned_data, form.shown
            actions.change_care_settings(values=values, mark=mark, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect("billing:care-settings")
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
    context = {"form": form, "steps": steps_with_texts()}
    return render(request, "billing/care_settings.html", context, status=form.status)


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def add(request: StaffRequest) -> HttpResponseBase:
    """A further step."""
    form = StepForm(request.POST or None, instance=DunningStep())
    if form.is_bound and form.is_valid():
        try:
            actions.add_step(values=form.cleaned_data, actor=request.actor, now=timezone.now())
            messages.success(
                request, _("The step is part of the ladder. It has the texts of the one before: change them.")
            )
            return redirect("billing:care-settings")
        except Refused as refused:
            form.add_error(None, str(refused))
    return _form_page(request, form, _("Add a step"))


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def change(request: StaffRequest, dunning_step_id: UUID) -> HttpResponseBase:
    step = step_or_404(dunning_step_id)
    form = StepForm(request.POST or None, instance=step)
    if form.is_bound and form.is_valid():
        try:
            values, mark = form.cleaned_data, form.shown
            actions.change_step(step=step, values=values, mark=mark, actor=request.actor, now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect("billing:care-settings")
        except ChangedMeanwhile as changed:
            form.show_changed(changed)
        except Refused as refused:
            form.add_error("fee", str(refused))
    return _form_page(request, form, step.name)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def archive(request: StaffRequest, dunning_step_id: UUID) -> HttpResponseBase:
    actions.archive_step(step=step_or_404(dunning_step_id), actor=request.actor, now=timezone.now())
    messages.success(request, _("The step is out of the ladder. What was sent stays in the history."))
    return redirect("billing:care-settings")


@_PAGE_WITH_FORM
@staff(Capability.SETTINGS_MANAGE)
def text(request: StaffRequest, dunning_step_id: UUID, language: str) -> HttpResponseBase:
    """What a step says in one language, with a preview of what is saved or typed."""
    if language not in languages_of_texts():
        raise Http404
    step = step_or_404(dunning_step_id)
    found = text_of(step, language)
    form = TextForm(request.POST or None, instance=found)
    if form.is_bound and form.is_valid() and "preview" not in request.POST and _save(request, step, language, form):
        return redirect("billing:dunning-text", step.pk, language)
    return _text_page(request, form, step, language)


def _save(request: StaffRequest, step: DunningStep, language: str, form: TextForm) -> bool:
    given = {"mark": form.shown, "actor": request.actor, "now": timezone.now(), **form.cleaned_data}
    try:
        actions.save_text(step=step, language=language, **given)
    except ChangedMeanwhile as changed:
        form.show_changed(changed)
        return False
    except Refused as refused:
        form.add_error("body", str(refused))
        return False
    messages.success(request, _("Saved."))
    return True


def _text_page(request: StaffRequest, form: TextForm, step: DunningStep, language: str) -> HttpResponse:
    typed = form.cleaned_data if form.is_bound and form.is_valid() else {}
    kept = text_of(step, language)
    shown = DunningText(
        step=step,
        language=language,
        subject=typed.get("subject", kept.subject),
        body=typed.get("body", kept.body),
    )
    context = {
        "form": form,
        "step": step,
        "language": language,
        "languages": languages_of_texts().items(),
        "placeholders": PLACEHOLDERS,
        "mail": sample_mail(step, shown, timezone.now()),
    }
    status = 200 if "preview" in request.POST and form.is_valid() else form.status
    return render(request, "billing/dunning_text.html", context, status=status)


def _form_page(request: StaffRequest, form: StepForm, title: str) -> HttpResponse:
    return render(request, "billing/care_form.html", {"form": form, "title": title}, status=form.status)
