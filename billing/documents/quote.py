"""The PDF of a quote. Rendered in a worker, never in a request and never inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation

from billing.choices import LineRole
from billing.models import QuoteRevision
from billing.queries.quote_detail import OfferedGroup
from billing.rules.quoting import Sums
from billing.rules.tax import Assessed

from .invoice import LOGO, MAX_HTML, TooBig
from .press import printed


@dataclass(frozen=True)
class QuoteDocument:
    """Everything on the paper, loaded: rendering asks the database nothing."""

    revision: QuoteRevision
    sums: Sums
    deposit: Assessed | None
    groups: list[OfferedGroup]
    sent_on: date
    hue: int
    logo: bytes | None
    logo_kind: str = "image/png"

    @property
    def has_choice(self) -> bool:
        return len(self.groups) > 1 or any(group.role != LineRole.REQUIRED for group in self.groups)


def quote_html(document: QuoteDocument) -> str:
    """The page as WeasyPrint gets it, in the client's language. All texts are escaped; none can bring markup along."""
    with translation.override(document.revision.language):
        return render_to_string("pdf/quote.html", {"doc": document, "quote": document.revision, "logo": LOGO})


def quote_pdf(document: QuoteDocument) -> bytes:
    """The PDF. Raises TooBig above `MAX_HTML` characters."""
    html = quote_html(document)
    if len(html) > MAX_HTML:
        raise TooBig(f"{len(html)} characters")
    given = {LOGO: (document.logo, document.logo_kind)} if document.logo else {}
    return printed(html, given)
