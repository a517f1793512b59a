"""`manage.py migrate`: as the owner role, with the walls rebuilt from the models afterwards."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from msp.tenancy import walls


class Command(DjangoMigrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def check(self, *args: Any, **kwargs: Any) -> None:
        # The catalogue check asks for walls that only this command can build.
        super().check(*args, **kwargs | {"databases": None})

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["database"] == "owner" and not options.get("plan") and not options.get("check_unapplied"):
            call_command("createcachetable", database="owner", verbosity=0)
            walls.build(connections["owner"])
