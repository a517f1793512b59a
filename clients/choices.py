"""Words of the client records."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssetKind(models.TextChoices):
    SERVER = "server", _("Server")
    COMPUTER = "computer", _("Computer")
    LAPTOP = "laptop", _("Laptop")
    NETWORK = "network", _("Switch or router")
    PRINTER = "printer", _("Printer")
    PHONE = "phone", _("Phone")
    SERVICE = "service", _("Cloud service")
    OTHER = "other", _("Other")
