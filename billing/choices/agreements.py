"""Words and states of agreements."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementKind(models.TextChoices):
    """What a client buys. In the order in which one of several agreements says the rates: see queries/agreements.py."""

    FIXED = "fixed", _("Fixed monthly")
    RETAINER = "retainer", _("Retainer")
    BLOCK = "block", _("Prepaid block")
    TIME = "time", _("Time and materials")
    PROJECT = "project", _("Project")


class AgreementState(models.TextChoices):
    """What was decided. Whether it runs today, and when it ends, its dates say."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class Renewal(models.TextChoices):
    AUTOMATIC = "automatic", _("Goes on by itself")
    ASK = "ask", _("Ends unless both agree")
    NONE = "none", _("Ends")


class BillingPeriod(models.TextChoices):
    MONTH = "month", _("Monthly")
    QUARTER = "quarter", _("Quarterly")
    YEAR = "year", _("Yearly")


class Proration(models.TextChoices):
    DAYS = "days", _("By day: days covered of the days in the period")
    WHOLE = "whole", _("Whole periods only")


class TrueUp(models.TextChoices):
    """What becomes of a number that changes in a period that was charged ahead."""

    NONE = "none", _("Counts from the next period on")
    UP = "up", _("More is charged by day with the next period")
    BOTH = "both", _("More is charged and less given back, by day, with the next period")


class Basis(models.TextChoices):
    """What a recurring item is counted by."""

    FLAT = "flat", _("Flat")
    USER = "user", _("Per user")
    DEVICE = "device", _("Per device")
    SITE = "site", _("Per site")
    NUMBER = "number", _("Agreed number")


class CountRule(models.TextChoices):
    """Which of the period's quantities is charged."""

    START = "start", _("At the start of the period")
    END = "end", _("At the end of the period")
    PEAK = "peak", _("The highest in the period")
    DAILY = "daily", _("By day, as it changes")


class Rounding(models.TextChoices):
    UP = "up", _("Up")
    NEAREST = "nearest", _("To the nearest")


class RoundedPer(models.TextChoices):
    """What is rounded, and what the minimum holds for."""

    ENTRY = "entry", _("Each time entry")
    VISIT = "visit", _("Each person's day on a ticket")
    TICKET = "ticket", _("Each ticket")


class Travel(models.TextChoices):
    AS_WORK = "as_work", _("Like other work")
    OWN_RATE = "own_rate", _("At its own rate")
    FLAT = "flat", _("A flat price a visit")
    FREE = "free", _("Not charged")


class TimeClass(models.TextChoices):
    """When work was done, by the client's calendar."""

    HOURS = "hours", _("in service hours")
    AFTER = "after", _("after hours")
    DAY_OFF = "day_off", _("on a day off")


class Coverage(models.TextChoices):
    """Who bears a piece of work; in the order in which it is asked."""

    INCLUDED = "included", _("included in the agreement")
    BLOCK = "block", _("from a prepaid block")
    RATE = "rate", _("at the rate")


class Grouping(models.TextChoices):
    """How finished work is put on invoices."""

    JOB = "job", _("Each finished ticket")
    WEEKLY = "weekly", _("Once a week")
    MONTHLY = "monthly", _("Once a month")


class Finished(models.TextChoices):
    """What is finished and waits for its invoice: tickets as they are grouped, a period charged at its end, a milestone."""

    JOB = "job", _("Finished ticket")
    WEEKLY = "weekly", _("Week of work")
    MONTHLY = "monthly", _("Month of work")
    PERIOD = "period", _("Period of an agreement")
    MILESTONE = "milestone", _("Milestone")


class BlockUnit(models.TextChoices):
    MINUTES = "minutes", _("Hours")
    MONEY = "money", _("Money")


class BlockKind(models.TextChoices):
    """Included minutes of one period, or what was bought ahead."""

    ALLOWANCE = "allowance", _("Included")
    PREPAID = "prepaid", _("Prepaid")


class DrawKind(models.TextChoices):
    WORK = "work", _("Work")
    GIVEN_BACK = "given_back", _("Given back")
    CARRIED = "carried", _("Carried over")
    LAPSED = "lapsed", _("Lapsed")
    ADJUSTED = "adjusted", _("Put right by hand")


class Accepted(models.TextChoices):
    """How the client said yes."""

    SIGNED = "signed", _("Signed document")
    PORTAL = "portal", _("In the portal")
    LINK = "link", _("By a signed link")
    MAIL = "mail", _("By mail")


AGREEMENT_TIMERS = "agreement_timers"


class Consent(models.TextChoices):
    """What became of asking the client to approve a draft above its limit."""

    ASKED = "asked", _("Asked")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    DROPPED = "dropped", _("Not asked any more")  # asked anew, or the draft is gone


class ConsentWay(models.TextChoices):
    PORTAL = "portal", _("In the portal")
    WRITING = "writing", _("In writing, kept by us")
