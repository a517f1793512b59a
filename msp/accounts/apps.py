from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "msp.accounts"
    label = "accounts"

    def ready(self) -> None:
        from .access import second_factor_first
        from .doors import GATES, declare_routes

        self._offer()
        GATES.append(second_factor_first)

        declare_routes(
            "account/",
            "django-allauth guards its own pages: they are about one's own sign-in and read no shop's rows",
        )

    def _offer(self) -> None:
        from .choices import Capability
        from .queries import first_steps_link
        from .registry import Command, NavItem, TopbarPart, offer

        offer(
            NavItem(_("Settings"), "accounts:settings", "settings", Capability.SETTINGS_MANAGE, "owner", 90, key="g s"),
            TopbarPart("accounts/_first_steps.html", first_steps_link),
            Command(_("Invite a colleague"), "accounts:invite", Capability.PEOPLE_MANAGE),
            Command(_("Your profile"), "accounts:profile", ""),
        )
        self._offer_settings()
        self._offer_first_steps()

    def _offer_settings(self) -> None:
        from .choices import Capability
        from .registry import SettingsPage, offer

        manage, people = Capability.SETTINGS_MANAGE, Capability.PEOPLE_MANAGE
        pages = [
            (_("People and rights"), "people", "users", people, _("Who works here, and who may do what.")),
            (_("Company and tax identity"), "company", "building", manage, _("Who stands on your invoices.")),
            (_("Brand"), "brand", "palette", manage, _("Your logo and colour.")),
            (_("Zone, currency and language"), "region", "world", manage, _("Where you are and how you count.")),
            (_("Sign-in rules"), "shop-security", "shield-lock", manage, _("Ask staff for a second factor.")),
        ]
        for order, (label, name, icon, right, summary) in enumerate(pages, 1):
            offer(SettingsPage(label, f"accounts:{name}", icon, right, order * 10, summary))

    def _offer_first_steps(self) -> None:
        from .choices import Capability
        from .queries import brand_is_set, company_is_said, staff_is_growing
        from .registry import ChecklistStep, offer

        manage, people = Capability.SETTINGS_MANAGE, Capability.PEOPLE_MANAGE
        company = _("Address and tax number stand on every invoice.")
        brand = _("Clients see your logo and colour in mails, on invoices and in the portal.")
        colleagues = _("Each gets a role; you can change it at any time.")
        offer(
            ChecklistStep(_("Say who your company is"), company, "accounts:company", manage, 10, company_is_said),
            ChecklistStep(_("Show your brand"), brand, "accounts:brand", manage, 20, brand_is_set),
            ChecklistStep(_("Invite your colleagues"), colleagues, "accounts:invite", people, 30, staff_is_growing),
        )
