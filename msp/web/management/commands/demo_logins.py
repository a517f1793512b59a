"""`demo_logins`: prints who can sign in to the demo, and how."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from msp.web.demo.logins import demo_logins


class Command(BaseCommand):
    help = "Print the demo's sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        logins = demo_logins()
        width = max((len(login.email) for login in logins), default=0)
        for login in logins:
            self.stdout.write(f"  {login.email:<{width}}  {login.password}  {login.role}")
