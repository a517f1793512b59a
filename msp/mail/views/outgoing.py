"""The outbox, one message, what a person decides about it, and the shop's mail settings."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from msp.accounts.choices import Capability
from msp.accounts.doors import staff
from msp.accounts.requests import StaffRequest, typed
from msp.files.documents import response_of
from msp.mail import actions
from msp.mail.access import enclosure_or_404, html_or_404, mail_or_404, may_read, sign_in_mail_or_404
from msp.mail.actions.decisions import NotPossible
from msp.mail.choices import MailState
from msp.mail.documents import HTML_POLICY, preview_of
from msp.mail.forms import MailSettingsForm
from msp.mail.models import OutgoingMail
from msp.mail.queries import logo_of_shop, mail_settings, outbox, sender_of_shop, shows_secrets, sign_in_outbox
from msp.tenancy.keyset import page_of

NEWEST = ("-created_at", "-id")


@require_safe
@staff(Capability.SYSTEM_VIEW)
def mail_list(request: StaffRequest) -> HttpResponse:
    state, words = request.GET.get("state", ""), typed(request.GET, "q")
    state = state if state in {"wrong", *MailState.values} else ""
    context = {
        "page": page_of(outbox(state=state, words=words), order=NEWEST, params=request.GET.dict()),
        "state": state,
        "words": words,
        "states": [(s.value, s.label) for s in MailState if s != MailState.SENDING],
        "keeps": sender_of_shop().server is None,
        "shows_secrets": shows_secrets(request),
    }
    return render(request, "mail/outbox.html", context)


@require_safe
@staff(Capability.SYSTEM_VIEW)
def mail_detail(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    mail = mail_or_404(mail_id)
    files = [enclosed.file for enclosed in mail.attachments.select_related("file").order_by("position")]
    return render(request, "mail/message.html", {"mail": mail, "files": files, "readable": may_read(request, mail)})


@require_safe
@staff(Capability.SYSTEM_VIEW)
def mail_html(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    """The message as a mail program shows it, alone in a document that can do nothing."""
    html = preview_of(html_or_404(request, mail_id).html, logo_of_shop())
    return HttpResponse(html, headers={"Content-Security-Policy": HTML_POLICY, "Cache-Control": "private, no-store"})


@require_safe
@staff(Capability.SYSTEM_VIEW)
def mail_file(request: StaffRequest, mail_id: UUID, file_id: UUID) -> HttpResponseBase:
    return response_of(enclosure_or_404(mail_id, file_id), inline="show" in request.GET)


def _decide(request: StaffRequest, mail_id: UUID, decide: Callable[..., OutgoingMail], said: str) -> HttpResponseBase:
    try:
        decide(actor=request.actor, mail=mail_or_404(mail_id), now=timezone.now())
    except NotPossible:
        messages.error(request, _("The message has moved on meanwhile. Look at it again."))
    else:
        messages.success(request, said)
    return redirect("mail:message", mail_id=mail_id)


@require_POST
@staff(Capability.SYSTEM_VIEW)
def send_again(request: StaffRequest, mail_id: UUID) -> HttpResponseBase:
    return _decide(request, mail_id, actions.send_again, _("The message goes out again."))


@require_POST
@staff(Capability.SYSTEM_VIEW)
def mark_as_sent(request: StaffRequest, mail_id: UUID) -> HttpResponseBase:
    return _decide(request, mail_id, actions.mark_as_sent, _("Marked as sent."))


@require_POST
@staff(Capability.SYSTEM_VIEW)
def cancel(request: StaffRequest, mail_id: UUID) -> HttpResponseBase:
    return _decide(request, mail_id, actions.cancel_mail, _("The message stays here."))


@require_safe
@staff(Capability.SYSTEM_VIEW)
def sign_in_list(request: StaffRequest) -> HttpResponse:
    """Codes and resets of people without a shop, in a demo of one's own; not there otherwise."""
    if not shows_secrets(request):
        raise Http404
    page = page_of(sign_in_outbox(), order=NEWEST, params=request.GET.dict())
    return render(request, "mail/sign_in.html", {"page": page})


@require_safe
@staff(Capability.SYSTEM_VIEW)
def sign_in_detail(request: StaffRequest, sign_in_mail_id: UUID) -> HttpResponse:
    return render(request, "mail/sign_in_message.html", {"mail": sign_in_mail_or_404(request, sign_in_mail_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Capability.SETTINGS_MANAGE)
def settings(request: StaffRequest) -> HttpResponseBase:
    row = mail_settings()
    form = MailSettingsForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        values, password = form.cleaned_data, form.cleaned_data["password"]
        actions.save_settings(actor=request.actor, values=values, password=password, now=timezone.now())
        messages.success(request, _("Saved. Send a test message to see whether it works."))
        return redirect("mail:settings")
    return render(request, "mail/settings.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@staff(Capability.SETTINGS_MANAGE)
def send_test(request: StaffRequest) -> HttpResponseBase:
    """Send a message to the person who asks."""
    to, language = request.user.email, request.user.language
    mail = actions.send_test(actor=request.actor, to=to, language=language, now=timezone.now())
    messages.success(request, _("A test message to %(address)s is on its way.") % {"address": to})
    may_look = request.membership.can(Capability.SYSTEM_VIEW)
    return redirect("mail:message", mail_id=mail.pk) if may_look else redirect("mail:settings")
