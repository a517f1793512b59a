"""What getting paid offers: pages, queues and the sentences of its acts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "payment.recorded": _("%(actor)s recorded a payment of %(amount)s %(currency)s"),
    "payment.on_account": _("%(actor)s recorded %(amount)s %(currency)s on account"),
    "payment.voided": _("%(actor)s took back a payment of %(amount)s %(currency)s: %(reason)s"),
    "payment.put_against": _("%(actor)s put %(amount)s %(currency)s against %(number)s"),
    "payment.taken_off": _("%(actor)s took %(amount)s %(currency)s off %(number)s"),
    "payment.refunded": _("%(actor)s paid back %(amount)s %(currency)s"),
    "invoice.written_off": _("%(actor)s wrote off %(amount)s %(currency)s: %(reason)s"),
    "invoice.write_off_taken_back": _("%(actor)s took back a write-off of %(amount)s %(currency)s: %(reason)s"),
    "books.closed": _("%(actor)s closed the books through %(through)s"),
    "books.opened": _("%(actor)s opened the books again, closed through %(through)s now: %(reason)s"),
}
