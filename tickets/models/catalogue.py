"""The shop's own words for its tickets: categories with their fields, and labels."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Archivable
from msp.tenancy.fields import TenantForeignKey
from tickets.choices import Colour, FieldKind, Needed


class Label(Archivable):
    """A word that may stand on any ticket, in a colour."""

    name = models.CharField(_("name"), max_length=40)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour.choices, default=Colour.PLAIN)

    class Meta(Archivable.Meta):
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], condition=Q(archived_at=None), name="label_name")
        ]

    def __str__(self) -> str:
        return self.name


class Category(Archivable):
    """What kind of work a ticket is: one level of categories, each with parts of its own if the shop wants."""

    parent = TenantForeignKey(
        "self", on_delete=models.PROTECT, related_name="parts", null=True, blank=True, verbose_name=_("part of")
    )
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(Archivable.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"],
                condition=Q(archived_at=None),
                nulls_distinct=False,
                name="category_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomField(Archivable):
    """A question about the tickets of a category and its parts. Answers lie on the ticket by the field's key."""

    category = TenantForeignKey(
        Category, on_delete=models.PROTECT, related_name="fields", verbose_name=_("asked about")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=FieldKind.choices, default=FieldKind.TEXT)
    options = ArrayField(models.CharField(max_length=80), verbose_name=_("choices"), default=list, blank=True)
    needed = models.CharField(_("must be answered"), max_length=10, choices=Needed.choices, default=Needed.NEVER)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(Archivable.Meta):
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        indexes = [models.Index(fields=["tenant", "category", "position"], name="custom_field_category")]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="choice") | ~Q(options=[]), name="custom_field_choice_has_some")
        ]

    def __str__(self) -> str:
        return self.name
