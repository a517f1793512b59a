"""The worker's end of an approval: when the minutes to undo are over, the invoice gets its number."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from billing.models import Release
from msp.accounts.rules import system_actor
from msp.jobs.choices import DueState
from msp.jobs.rules import Ended, Outcome, Plain

from .issuing import issue_invoice


class IssueApproved(Plain[Release]):
    """One transaction: the number is given and the release is done, or neither."""

    def act(self, row: Release, now: datetime) -> Outcome:
        actor = system_actor(_("Mainstay, after the approval"))
        issue_invoice(invoice=row.invoice, actor=actor, now=now)
        return Ended(DueState.DONE)
