"""What a reminder of payment says to one reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency
from django.urls import reverse
from django.utils.translation import to_locale

from billing.models import DunningText
from billing.queries.dunning import Letter, Standing
from billing.rules.dunning import filled_in, text_for
from billing.rules.dunning_texts import Frame, frame_of
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


@dataclass(frozen=True)
class Row:
    """One invoice of a reminder, in the reader's words."""

    number: str
    due: str
    held: str
    amount: str


def written(letter: Letter, text: DunningText, language: str) -> Rendered:
    """A step's text and what is open, all in the language of the text."""
    language = text.language or language
    values, frame, amount = values_for(letter, language), frame_of(language), _amounts(letter, language)
    context = {
        "subject": filled_in(text.subject, values),
        "body": filled_in(text.body, values),
        "rows": [_row(row, frame, amount, language) for row in letter.rows],
        "frame": frame,
        "total": amount(letter.total),
        "fee": filled_in(frame.fee, {"amount": amount(letter.fee)}) if letter.fee else "",
        "link": current_tenant().absolute_url(reverse("billing:portal-invoices")),
    }
    return render_mail("mail/reminder", context, language)


def _row(row: Standing, frame: Frame, amount: Callable[[Decimal], str], language: str) -> Row:
    day = format_date(row.owed.due_on, "long", locale=_locale(language))
    held = filled_in(frame.held, {"amount": amount(row.held)}) if row.held else ""
    return Row(row.owed.invoice.number or "", filled_in(frame.due, {"day": day}), held, amount(row.claim.asked))


def _amounts(letter: Letter, language: str) -> Callable[[Decimal], str]:
    return lambda amount: str(format_currency(amount, letter.currency, locale=_locale(language)))


def _locale(language: str) -> str:
    # Plain "en" is British here, as on the pages (msp.web.templatetags.ui).
    return "en_GB" if language == "en" else to_locale(language)


def values_for(letter: Letter, language: str) -> Mapping[str, str]:
    """What the placeholders of a text stand for."""
    locale, amount = _locale(language), _amounts(letter, language)
    numbers = [row.owed.invoice.number or "" for row in letter.rows]
    more = f" +{len(numbers) - NUMBERS}" if len(numbers) > NUMBERS else ""
    return {
        "client": letter.plan.client.name,
        "shop": current_tenant().name,
        "total": amount(letter.total),
        "fee": amount(letter.fee),
        "numbers": ", ".join(numbers[:NUMBERS]) + more,
        "days_late": str(letter.days_late),
        "due": format_date(letter.due_since, "long", locale=locale),
        "today": format_date(letter.plan.today, "long", locale=locale),
    }
