from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "msp.accounts"
    label = "accounts"

    def ready(self) -> None:
        from .doors import declare_routes

        declare_routes(
            "account/",
            "django-allauth guards its own pages: they are about one's own sign-in and read no shop's rows",
        )
