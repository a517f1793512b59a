"""`./mainstay manage create_shop`: a new shop and the invitation of its first owner."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from msp.accounts.actions import create_shop
from msp.accounts.forms import NewShopForm
from msp.accounts.rules import system_actor


class Command(BaseCommand):
    help = "Make a shop and invite its first owner. Prints the link of the invitation, which is also mailed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="as its clients know it")
        parser.add_argument("--slug", required=True, help="short name: small letters, digits and hyphens")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", default="", help="default: the part before the @")
        parser.add_argument("--country", default="GB", help="ISO 3166-1 alpha-2, default GB")
        parser.add_argument("--zone", default="Europe/London", help="time zone, default Europe/London")
        parser.add_argument("--currency", default="GBP", help="ISO 4217, default GBP")
        parser.add_argument("--language", default="en", help="default en")
        parser.add_argument("--host", default="", help="the shop's own host name, if it has one")

    def handle(self, *args: Any, **options: Any) -> None:
        form = NewShopForm(options)
        if not form.is_valid():
            wrong = [
                f"--{field.replace('_', '-')}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()
            ]
            raise CommandError("\n".join(wrong))
        made = create_shop(actor=system_actor("create_shop"), now=timezone.now(), **form.cleaned_data)
        self.stdout.write(f"Made {made.tenant.name}. {made.invitation.email} joins as its owner at:\n{made.link}")
