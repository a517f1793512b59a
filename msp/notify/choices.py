"""Which news come by mail, and the states of the mail that is to come."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ByMail(models.TextChoices):
    URGENT = "urgent", _("Urgent ones at once, the rest every morning")
    DIGEST = "digest", _("Everything every morning")
    NONE = "none", _("Nothing")


class DeskState(models.TextChoices):
    """`queued`: a mail with news is due. What is read before it is due needs none."""

    RESTING = "resting", _("Nothing to mail")
    QUEUED = "queued", _("Waiting")
    DEAD = "dead", _("Failed")
