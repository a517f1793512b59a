"""The mailboxes of a shop, in its settings."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest
from msp.mail import actions
from msp.mail.access import mailbox_or_404
from msp.mail.choices import MailboxKind
from msp.mail.forms import MailboxForm
from msp.mail.models import Mailbox
from msp.mail.queries import address_of, mailboxes


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def mailbox_list(request: StaffRequest) -> HttpResponse:
    return render(request, "mail/mailboxes.html", {"mailboxes": mailboxes(), "kinds": MailboxKind.choices})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def add(request: StaffRequest, kind: str) -> HttpResponseBase:
    if kind not in MailboxKind.values:
        raise Http404
    form = MailboxForm(request.POST or None, instance=Mailbox(kind=kind, address=""))
    if form.is_bound and form.is_valid():
        mailbox = actions.add_mailbox(
            actor=request.actor,
            kind=MailboxKind(kind),
            values=form.cleaned_data,
            sealed=form.sealed,
            now=timezone.now(),
        )
        messages.success(request, _("The mailbox is set up."))
        return redirect("mail:mailbox", mailbox_id=mailbox.pk)
    context = {"form": form, "kind": MailboxKind(kind)}
    return render(request, "mail/mailbox_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def change(request: StaffRequest, mailbox_id: UUID) -> HttpResponseBase:
    mailbox = mailbox_or_404(mailbox_id)
    form = MailboxForm(request.POST or None, instance=mailbox)
    if form.is_bound and form.is_valid():
        actions.change_mailbox(
            actor=request.actor, mailbox=mailbox, values=form.cleaned_data, sealed=form.sealed, now=timezone.now()
        )
        messages.success(request, _("Saved."))
        return redirect("mail:mailbox", mailbox_id=mailbox.pk)
    return render(request, "mail/mailbox.html", _shown(mailbox_id, form), status=422 if form.is_bound else 200)


def _shown(mailbox_id: UUID, form: MailboxForm, hook: str = "") -> dict[str, object]:
    mailbox = mailbox_or_404(mailbox_id)  # the form's own carries what was typed
    return {
        "mailbox": mailbox,
        "form": form,
        "forward_to": address_of(mailbox),
        "hook": hook,
        "private_hosts": settings.MAIL_PRIVATE_HOSTS,
    }


@require_safe
@staff(Capability.SETTINGS_MANAGE)
def state(request: StaffRequest, mailbox_id: UUID) -> HttpResponse:
    """How the mailbox does, as a fragment that asks again until the look that was asked for is over."""
    return render(request, "mail/_mailbox_state.html", {"mailbox": mailbox_or_404(mailbox_id)})


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def try_now(request: StaffRequest, mailbox_id: UUID) -> HttpResponseBase:
    actions.try_mailbox(actor=request.actor, mailbox=mailbox_or_404(mailbox_id), now=timezone.now())
    return redirect("mail:mailbox", mailbox_id=mailbox_id)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def renew_hook(request: StaffRequest, mailbox_id: UUID) -> HttpResponseBase:
    """Make the secret address that a provider posts to, and show it this once."""
    mailbox = mailbox_or_404(mailbox_id)
    if mailbox.kind != MailboxKind.HTTP:
        raise Http404
    token = actions.renew_hook(actor=request.actor, mailbox=mailbox, now=timezone.now())
    hook = request.tenant.absolute_url(reverse("mail:hook", kwargs={"mail_token": str(token)}))
    return render(request, "mail/mailbox.html", _shown(mailbox_id, MailboxForm(instance=mailbox), hook))
