from __future__ import annotations

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "msp.mail"
    label = "mail"

    def ready(self) -> None:
        from msp.accounts.signals import letter_written
        from msp.notify.signals import news_written

        from . import checks, registry  # noqa: F401  checks registers itself
        from .receivers import on_letter_written, on_news_written

        registry.register()
        letter_written.connect(on_letter_written, dispatch_uid="mail")
        news_written.connect(on_news_written, dispatch_uid="mail")
