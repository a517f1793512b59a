"""Who may see a file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Visibility(models.TextChoices):
    """`public` is public to the client that owns the file, never to the world."""

    INTERNAL = "internal", _("Staff only")
    PUBLIC = "public", _("Staff and the client")
