"""Invoices of an accepted quote: its deposit, all that is paid once, or the rest after the deposit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.choices import AgreedPart, DocumentKind, Every, QuotePart, Status, TaxRounding, Unit
from billing.models import Invoice, Quote, QuoteAgreement, QuoteAnswer, QuoteInvoice, QuoteLine, QuoteRevision
from billing.queries.quotes import offered
from billing.rules.quoting import deposit, sums
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record

from .depositing import deduct_deposit
from .drafting import start_draft
from .lines import add_line, edit_draft
from .quoting import locked_quote


@dataclass(frozen=True)
class _Billed:
    """A line to come. `line_id`: of the quoted line that it bills as it stands."""

    description: str
    unit_price: Decimal
    tax_rate: Decimal
    detail: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = Unit.FLAT
    line_id: str = ""


def bill_quote(*, answer: QuoteAnswer, part: str, actor: Actor, now: datetime) -> Invoice:
    """Draft the invoice of a part of an accepted quote, at the quoted prices. It goes the way of every draft.

    Raises Refused when that part is billed already (a discarded draft is none), or there is nothing of it.
    """
    with transaction.atomic():
        quote = locked_quote(Quote(pk=answer.quote_id))
        revision = QuoteRevision.objects.get(pk=answer.revision_id)
        _check(answer, QuotePart(part))
        lines = chosen_lines(answer)
        wanted = _lines_of(QuotePart(part), revision, [line for line in lines if line.every == Every.ONCE])
        if not wanted:
            raise Refused(_("Nothing of it is paid this way."))
        invoice = _start(quote, QuotePart(part), actor, now)
        if answer.po_number:
            edit_draft(
                invoice=invoice, po_number=answer.po_number, payment_days=invoice.payment_days, actor=actor, now=now
            )
        for line in wanted:
            _put(invoice, revision, line, actor, now)
        if part == QuotePart.REST:
            paid = billed_parts(answer)[QuotePart.DEPOSIT]
            invoice = deduct_deposit(invoice=invoice, deposit=paid, actor=actor, now=now)
        QuoteInvoice.objects.create(answer=answer, invoice=invoice, client_id=answer.client_id, part=part)
        data = {"part": str(QuotePart(part).label), "invoice": str(invoice.pk)}
        record(actor=actor, verb="quote.billed", subject=quote, now=now, data=data)
    return Invoice.objects.select_related("client").get(pk=invoice.pk)


def _start(quote: Quote, part: QuotePart, actor: Actor, now: datetime) -> Invoice:
    """An empty draft that adds up as the quote did: prices before tax, each rate's tax rounded once."""
    kind = DocumentKind.DEPOSIT if part == QuotePart.DEPOSIT else DocumentKind.INVOICE
    invoice = start_draft(client=quote.client, actor=actor, now=now, kind=kind)
    invoice.prices_include_tax, invoice.tax_rounding = False, TaxRounding.RATE
    invoice.save(update_fields=["prices_include_tax", "tax_rounding"])
    return invoice


def chosen_lines(answer: QuoteAnswer) -> list[QuoteLine]:
    """The lines that the client took, in the order of the page."""
    rows = QuoteLine.objects.filter(revision=answer.revision_id, pk__in=answer.chosen)
    return list(rows.order_by("position", "id"))


def billed_parts(answer: QuoteAnswer) -> dict[str, Invoice]:
    """Part -> its invoice, discarded ones left out."""
    rows = QuoteInvoice.objects.filter(answer=answer).exclude(invoice__status=Status.DISCARDED)
    return {row.part: row.invoice for row in rows.select_related("invoice")}


def _check(answer: QuoteAnswer, part: QuotePart) -> None:
    if not answer.is_yes:
        raise Refused(_("The client did not accept it."))
    if QuoteAgreement.objects.filter(answer=answer, part=AgreedPart.PROJECT).exists():
        raise Refused(_("It is a project: its milestones are billed."))
    billed = billed_parts(answer)
    if part in billed or (billed and part != QuotePart.REST) or QuotePart.WHOLE in billed:
        raise Refused(_("That is billed already."))
    if part == QuotePart.REST and QuotePart.DEPOSIT not in billed:
        raise Refused(_("No deposit is billed: bill the whole."))
    if part == QuotePart.REST and not billed[QuotePart.DEPOSIT].is_issued:
        raise Refused(_("The deposit invoice has no number yet: issue it first."))


def _lines_of(part: QuotePart, revision: QuoteRevision, lines: list[QuoteLine]) -> list[_Billed]:
    if part == QuotePart.DEPOSIT:
        return _deposit_lines(revision, lines)
    return [
        _Billed(x.description, x.unit_price, x.tax_rate, x.detail, x.quantity, x.unit, line_id=str(x.pk)) for x in lines
    ]


def _deposit_lines(revision: QuoteRevision, lines: list[QuoteLine]) -> list[_Billed]:
    once = sums(offered(revision, lines), revision.currency).once
    percent = revision.deposit_percent
    text = _("Deposit of %(percent)s %% on %(quote)s: %(title)s")
    said = {"percent": f"{percent.normalize():f}", "quote": revision.name, "title": revision.title}
    found = deposit(once, percent, revision.currency)
    return [_Billed((text % said)[:300], amount, tax.rate) for amount, tax in found]


def _put(invoice: Invoice, revision: QuoteRevision, line: _Billed, actor: Actor, now: datetime) -> None:
    """Add the line, and keep with it what the quote said: the checks look at it when somebody changes the price."""
    values = asdict(line)
    line_id = values.pop("line_id")
    made = add_line(invoice=invoice, actor=actor, now=now, **values)
    quoted = {"number": revision.name, "line": line_id, "description": line.description}
    quoted |= {"quantity": str(line.quantity), "unit_price": str(line.unit_price)}
    made.source = made.source | {"quoted": quoted, "added_by": _("the quote %s") % revision.name}
    made.save(update_fields=["source"])
