"""`manage.py verify_audit`: check the activity log's chain of seals."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from msp.audit.queries import Verdict, verify
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Check that no sealed activity entry was changed, removed or added. Keep the printed heads elsewhere: against them a removed end shows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", help="only the shop with this short name")

    def handle(self, *args: Any, **options: Any) -> None:
        shops = Tenant.objects.order_by("slug")
        if options["shop"]:
            shops = shops.filter(slug=options["shop"])
            if not shops:
                raise CommandError(f"no shop {options['shop']}")
        broken = 0
        for shop in shops:
            with enter(system_scope(shop.pk)):
                verdict = verify()
            self._tell(shop, verdict)
            broken += bool(verdict.problems)
        if broken:
            raise CommandError(f"the activity log of {broken} shops is not what was sealed")

    def _tell(self, shop: Tenant, verdict: Verdict) -> None:
        state = "BROKEN" if verdict.problems else "whole"
        self.stdout.write(
            f"{shop.slug}: {state}, {verdict.entries} entries in {verdict.seals} seals, head {verdict.head}"
        )
        for problem in verdict.problems:
            self.stdout.write(f"  {problem}")
        if verdict.unsealed and verdict.oldest_unsealed:
            age = timezone.now() - verdict.oldest_unsealed
            self.stdout.write(
                f"  not sealed yet: {verdict.unsealed} entries, the oldest {int(age.total_seconds())} s old"
            )
