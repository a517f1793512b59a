"""Checks against what was agreed, what was billed before, and words that no client should read."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils.translation import gettext as _

from billing.choices import Coverage

from .facts import Fix, Found, InvoiceFacts
from .money import ZERO
from .signing import plain

# What technicians write to each other, in the languages of invoices. Whole words, so that "international" passes.
_INTERNAL = re.compile(
    r"""\b(?:
        internal\s+(?:only|note|use) | internal(?=\s*[:!]) | (?:do\s+not|don'?t|dont)\s+(?:bill|invoice|charge|tell|send|mention)
      | not?\s+(?:to\s+be\s+)?(?:billed|billable|charged) | todo | fixme | tbd | xxx+ | wtf | omg | lol | ffs | rtfm | pebkac | id-?10-?t
      | (?:ask|check\s+with|talk\s+to)\s+(?:the\s+)?(?:boss|owner|office) | write\s*-?\s*off
      | idiots? | stupid | moron | clueless | useless | incompetent | pain\s+in\s+the\s+\w+ | user\s+error | nightmare\s+client
      | our\s+(?:fault|mistake|bad) | we\s+(?:broke|screwed|messed) | our\s+(?:margin|mark-?up)
      | intern(?:e[rs]?\s+(?:notiz|vermerk))? | nicht\s+(?:berechnen|verrechnen|abrechnen) | kunde\s+ist\s+(?:schuld|doof|unf.hig)
      | ne\s+pas\s+facturer | note\s+interne | no\s+facturar | nota\s+interna | niet\s+factureren | interne\s+notitie
    )\b | \?\?\? | !!! | \bpass(?:word|wort|wd)?\s*[:=]\s*\S+""",
    re.IGNORECASE | re.VERBOSE,
)


def internal_words(text: str) -> list[str]:
    """What in a text sounds as if it was written for colleagues, each once, in its order."""
    return list(dict.fromkeys(found.group().strip() for found in _INTERNAL.finditer(text)))


def meant_for_clients(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        words = internal_words(f"{line.description}\n{line.detail}")
        if words:
            why = _("The client would read: “%s”.") % "”, “".join(words[:3])
            yield _("A line sounds as if it was written for colleagues"), why, Fix.LINE, line.line_id


def names_nobody_else(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        if line.names_others:
            why = _("It says “%s”.") % "”, “".join(line.names_others[:3])
            yield _("Another client is named"), why, Fix.LINE, line.line_id


def not_covered(facts: InvoiceFacts, now: datetime) -> Found:
    """Work that is included or comes out of a block costs nothing more; time it cost is kept with the line all the same."""
    for line in facts.lines:
        if line.coverage in (Coverage.INCLUDED, Coverage.BLOCK) and line.amount != ZERO:
            why = _("“%s” is included in the agreement or paid by a block.") % line.description
            yield _("Covered work is billed"), why, Fix.LINE, line.line_id


def block_holds(facts: InvoiceFacts, now: datetime) -> Found:
    for block in facts.overdrawn_blocks:
        yield _("A block is overdrawn"), block, Fix.AGREEMENT, None


def order_covers(facts: InvoiceFacts, now: datetime) -> Found:
    if facts.po_left is not None and facts.net > facts.po_left:
        words = {"order": facts.po_number, "left": plain(max(facts.po_left, ZERO)), "net": plain(facts.net)}
        why = _("%(order)s still covers %(left)s before tax, this comes to %(net)s.") % words
        yield _("The purchase order is used up"), why, Fix.ORDER, None


def client_approves(facts: InvoiceFacts, now: datetime) -> Found:
    need = facts.client_need
    if need is not None and not need.is_met:
        yield _("The client has not approved it"), need.why(facts.net), Fix.APPROVAL, None


def billed_once(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        if line.twin:
            why = _("“%(line)s” is on %(document)s, too.") % {"line": line.description, "document": line.twin}
            yield _("It looks like something billed before"), why, Fix.LINE, line.line_id


def as_quoted(facts: InvoiceFacts, now: datetime) -> Found:
    for line in facts.lines:
        if line.quoted_price is not None and line.unit_price != line.quoted_price:
            words = {"quote": line.quote, "quoted": plain(line.quoted_price), "price": plain(line.unit_price)}
            why = _("%(quote)s says %(quoted)s, the line %(price)s.") % words
            yield _("The price differs from the quote"), why, Fix.LINE, line.line_id
