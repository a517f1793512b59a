from __future__ import annotations

from django.db import models


class Weight(models.IntegerChoices):
    """How much a word says about a thing."""

    TEXT = 1
    NAME = 2
    CODE = 3
