"""Statements of account, as PDF and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from billing.queries.statements import Statement
from billing.rules import money
from billing.rules.parties import Parties
from msp.files.documents import Cell

from .press import printed

LOGO = "mainstay:logo"


@dataclass(frozen=True)
class StatementDocument:
    """Everything on the paper, loaded: rendering asks the database nothing."""

    statement: Statement
    parties: Parties
    day: date
    hue: int
    logo: bytes | None
    logo_kind: str = "image/png"


def statement_html(document: StatementDocument) -> str:
    """The page as WeasyPrint gets it, in the client's language."""
    with translation.override(document.parties.language):
        context = {"doc": document, "s": document.statement, "parties": document.parties, "logo": LOGO}
        return render_to_string("pdf/statement.html", context)


def statement_pdf(document: StatementDocument) -> bytes:
    """The PDF. Rendered in a worker, never in a request and never inside a transaction."""
    given = {LOGO: (document.logo, document.logo_kind)} if document.logo else {}
    html = statement_html(document)
    return printed(html, given)


def statement_heads() -> list[str]:
    """The heads of `statement_rows`."""
    return [_("Date"), _("What"), _("Number"), _("Currency"), _("Charged"), _("Paid or credited"), _("Balance")]


def statement_rows(found: Statement) -> Iterator[list[Cell]]:
    """What was brought forward, a row a movement, and what is owed at the end."""

    def amounts(*values: object) -> list[Cell]:
        return [money.quantise(value, found.currency) if value is not None else None for value in values]  # type: ignore[arg-type]

    yield [found.starts, _("Brought forward"), "", found.currency, *amounts(None, None, found.opening)]
    for each in found.movements:
        what = each.entry.get_kind_display()
        said = _("%s taken back") % what if each.entry.reverses_id else what
        columns = amounts(each.debit or None, each.credit or None, each.balance)
        yield [each.entry.booked_on, said, each.entry.number, found.currency, *columns]
    yield [found.ends, _("Balance"), "", found.currency, *amounts(None, None, found.closing)]
