"""Reading the activity log, and checking its seals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from msp.tenancy.models import TenantModel

from .models import Entry, Seal
from .rules import FIRST_PREVIOUS, chained

IN_ORDER = ("transaction", "id")
CHUNK = 2000  # entries read at a time


def activity_of(subject: TenantModel, limit: int = 20) -> list[Entry]:
    """What happened to one object, newest first."""
    return list(activity(subject._meta.label_lower, subject.pk)[:limit])


def activity(subject_kind: str, subject_id: UUID) -> QuerySet[Entry]:
    """All that happened to one object, newest first."""
    return Entry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-at", "-id")


def log(*, actor_id: str = "", verb: str = "", since: date | None = None, until: date | None = None) -> QuerySet[Entry]:
    """The shop's log, by person, kind of act and days; both days count, in the running time zone."""
    found = Entry.objects.all()
    if actor_id:
        found = found.filter(actor_id=actor_id)
    if verb:
        found = found.filter(verb=verb)
    if since:
        found = found.filter(at__gte=_midnight(since))
    if until and until < date.max:  # the day after that one is none
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# ---------------------------------------------------------------- seals


def last_seal(era: int | None = None) -> Seal | None:
    """The current shop's newest seal, of one era or of all."""
    seals = Seal.objects.all() if era is None else Seal.objects.filter(era=era)
    return seals.order_by("-number").first()


def unsealed_eras() -> list[int]:
    """The eras that have entries. One question an era, each answered by the index."""
    found: list[int] = []
    rows = Entry.objects.order_by("era").values_list("era", flat=True)
    while (era := rows.filter(era__gt=found[-1]).first() if found else rows.first()) is not None:
        found.append(era)
    return found


def unsealed_entries(era: int) -> QuerySet[Entry]:
    """Entries of an era after its newest seal, in order."""
    entries, seal = Entry.objects.filter(era=era).order_by(*IN_ORDER), last_seal(era)
    return entries.filter(_after(seal)) if seal else entries


def final_entries(era: int) -> QuerySet[Entry]:
    """Unsealed entries before which nothing can be inserted any more.

    Every transaction below the snapshot's xmin has ended. Entries of another era came with a restore, long committed.
    """
    if era != _current_era():
        return unsealed_entries(era)
    oldest_running = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", [])
    return unsealed_entries(era).filter(transaction__lt=oldest_running)


def _current_era() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select system_identifier from pg_control_system()")
        era: int = cursor.fetchone()[0]
    return era


def _after(seal: Seal) -> Q:
    return Q(transaction__gt=seal.last_transaction) | Q(transaction=seal.last_transaction, id__gt=seal.last_entry)


def _covered(seal: Seal, before: Seal | None) -> QuerySet[Entry]:
    upto = Q(transaction__lt=seal.last_transaction) | Q(transaction=seal.last_transaction, id__lte=seal.last_entry)
    entries = Entry.objects.filter(upto, era=seal.era).order_by(*IN_ORDER)
    return entries.filter(_after(before)) if before else entries


@dataclass(frozen=True)
class Verdict:
    """What checking one shop's log found. `problems` are sentences; the tail is what no seal covers yet."""

    seals: int
    entries: int
    head: str
    problems: list[str]
    unsealed: int
    oldest_unsealed: datetime | None


def verify() -> Verdict:
    """Check every seal of the current shop against its entries and its predecessor."""
    previous, number, entries, problems = FIRST_PREVIOUS, 0, 0, []
    newest: dict[int, Seal] = {}
    for seal in Seal.objects.order_by("number").iterator(CHUNK):
        number += 1
        if seal.number != number:
            problems.append(f"seal {number} is missing")
            number = seal.number
        if seal.previous != previous:
            problems.append(f"seal {seal.number} does not stand on the one before it")
        problems += _faults(seal, newest.get(seal.era))
        newest[seal.era], previous, entries = seal, seal.hash, entries + seal.entries
    tails = [unsealed_entries(era).aggregate(oldest=Min("at"), number=Count("pk")) for era in unsealed_eras()]
    oldest = min((tail["oldest"] for tail in tails if tail["number"]), default=None)
    return Verdict(number, entries, previous, problems, sum(tail["number"] for tail in tails), oldest)


def _faults(seal: Seal, before: Seal | None) -> Iterator[str]:
    rows = list(_covered(seal, before))
    if len(rows) != seal.entries:
        yield f"seal {seal.number} covers {seal.entries} entries, but there are {len(rows)}"
    if chained(seal.previous, [row.line() for row in rows]) != seal.hash:
        yield f"seal {seal.number}: entries from {seal.first_entry} to {seal.last_entry} are not what was sealed"
