"""What a reminder of payment says to one reader."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import format_date
from babel.numbers import format_currency
from django.urls import reverse
from django.utils.translation import to_locale

from billing.models import DunningText
from billing.queries.dunning import Letter
from billing.rules import money
from billing.rules.dunning import filled_in, text_for
from clients.models import Contact
from msp.mail.documents import Rendered, render_mail
from msp.tenancy.models import current_tenant

NUMBERS = 3  # invoices that are named in the subject


def reminder_mail(letter: Letter, recipient: str) -> Rendered:
    """The mail to one recipient, in their language if the step has a text in it."""
    client = letter.plan.client
    reader = Contact.objects.living().filter(client=client, email__iexact=recipient).first()
    language = reader.language if reader else client.language
    texts = {text.language: text for text in DunningText.objects.filter(step=letter.step)}
    chosen = text_for(texts, language, client.language) or language
    return written(letter, texts.get(chosen) or DunningText(language=language), reader.language if reader else language)


def written(letter: Letter, text: DunningText, language: str) -> Rendered:
    """A step's text around the table of what is open. The frame speaks the language of the text, as far as we do."""
    values = values_for(letter, text.language or language)
    link = current_tenant().absolute_url(reverse("billing:portal-invoices"))
    context = {
        "subject": filled_in(text.subject, values),
        "body": filled_in(text.body, values),
        "letter": letter,
        "fee": letter.fee,
        "link": link,
    }
    return render_mail("mail/reminder", context, text.language or language)


def values_for(letter: Letter, language: str) -> Mapping[str, str]:
    """What the placeholders of a text stand for."""
    locale = "en_GB" if language == "en" else to_locale(language)
    numbers = [row.owed.invoice.number or "" for row in letter.rows]
    more = f" +{len(numbers) - NUMBERS}" if len(numbers) > NUMBERS else ""
    fee = letter.fee or money.ZERO
    return {
        "client": letter.plan.client.name,
        "shop": current_tenant().name,
        "total": format_currency(letter.total, letter.currency, locale=locale),
        "fee": format_currency(fee, letter.currency, locale=locale),
        "numbers": ", ".join(numbers[:NUMBERS]) + more,
        "days_late": str(letter.days_late),
        "due": format_date(letter.due_since, "long", locale=locale),
        "today": format_date(letter.plan.today, "long", locale=locale),
    }
