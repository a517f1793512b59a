"""Words and states of queries about lines, of reminders of payment and of loyalty."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueryState(models.TextChoices):
    """A client's query about a line. Answered: we explained it, and the client may say more."""

    OPEN = "open", _("Waits for our answer")
    ANSWERED = "answered", _("Answered")
    CREDITED = "credited", _("Credited")
    SETTLED = "settled", _("Cleared up")
    WITHDRAWN = "withdrawn", _("Withdrawn")


UNSETTLED = frozenset({QueryState.OPEN, QueryState.ANSWERED, QueryState.CREDITED})

QUERY_TRANSITIONS: dict[QueryState, frozenset[QueryState]] = {
    QueryState.OPEN: frozenset({QueryState.ANSWERED, QueryState.CREDITED, QueryState.WITHDRAWN}),
    QueryState.ANSWERED: frozenset(
        {QueryState.OPEN, QueryState.CREDITED, QueryState.SETTLED, QueryState.WITHDRAWN, QueryState.ANSWERED}
    ),
    QueryState.CREDITED: frozenset(),
    QueryState.SETTLED: frozenset({QueryState.OPEN}),
    QueryState.WITHDRAWN: frozenset({QueryState.OPEN}),
}


class Turn(models.TextChoices):
    OURS = "ours", _("Ours")
    THEIRS = "theirs", _("The client's")
    NOBODY = "nobody", _("Nobody's")


PROMISE_ANSWER = "line_query"  # the promise kind: we answer a query about a line

# Queues of the reminders of payment.
DUNNING_SWEEPS = "dunning_sweeps"
DUNNING_ROUNDS = "dunning_rounds"


class CountedFrom(models.TextChoices):
    """Where a step's days begin. The day it is due is never before the days to pay have passed since it arrived."""

    DUE = "due", _("the day it is due")
    DELIVERY = "delivery", _("the day it arrived")


class StepOutcome(models.TextChoices):
    SENT = "sent", _("Reminded")
    SKIPPED = "skipped", _("Skipped")
    PASSED_OVER = "passed_over", _("Passed over: a later step was due, too")


class LoyaltyCounts(models.TextChoices):
    YEARS = "years", _("years as a client")
    JOBS = "jobs", _("solved requests")


class Gift(models.TextChoices):
    PERCENT = "percent", _("a percentage off the work")
    SERVICE = "service", _("a service, free of charge")
