"""Clients and what belongs to them. Subjects of promises are archived, never deleted."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.choices import AssetKind
from msp.accounts.models import Membership
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.managers import TenantManager, TenantQuerySet
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

A = TypeVar("A", bound="Archivable")


class ArchivableQuerySet(TenantQuerySet[A]):
    def living(self) -> Self:
        """What is not archived."""
        return self.filter(archived_at=None)


class Archivable(TenantModel):
    """A record that leaves the lists but keeps its history."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = TenantManager.from_queryset(ArchivableQuerySet)()

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class Client(Archivable):
    """A company or person the shop looks after."""

    portal = PortalRule.OWN

    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80, editable=False, db_index=False)
    trade = models.CharField(_("trade"), max_length=80, blank=True)
    is_unsorted = models.BooleanField(default=False, editable=False)  # where mail from strangers waits
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2)
    zone = models.CharField(_("time zone"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=10)
    since = models.DateField(_("client since"), null=True, blank=True)
    calendar = TenantForeignKey(
        "clients.ServiceCalendar", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        indexes = [models.Index(fields=["tenant", "name", "id"], name="client_name", condition=Q(archived_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="client_slug"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_unsorted=True), name="client_one_unsorted"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("clients:detail", kwargs={"client_slug": self.slug})


class Site(Archivable):
    """A place where a client works."""

    portal = PortalRule.BY_CLIENT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="sites", editable=False)
    name = models.CharField(_("name"), max_length=120)
    address = models.TextField(_("address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    zone = models.CharField(_("time zone"), max_length=60)
    is_main = models.BooleanField(_("main site"), default=False)
    calendar = TenantForeignKey(
        "clients.ServiceCalendar", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "client", "name"], condition=Q(archived_at=None), name="site_name"
            ),
            models.UniqueConstraint(
                fields=["tenant", "client"], condition=Q(is_main=True, archived_at=None), name="site_one_main"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Archivable):
    """A person at a client. With a membership, they can sign in to the portal."""

    portal = PortalRule.BY_CLIENT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="contacts", editable=False)
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="contacts", null=True, blank=True)
    membership = TenantForeignKey(
        Membership, on_delete=models.PROTECT, related_name="contact_of", null=True, blank=True, editable=False
    )
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10)
    decides = models.BooleanField(_("decides"), default=False, help_text=_("May approve work and spending."))
    gets_invoices = models.BooleanField(_("receives invoices"), default=False)
    bounced_at = models.DateTimeField(null=True, editable=False)  # mail to the address came back
    bounce_words = models.CharField(max_length=300, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["tenant", "client", "name"], name="contact_client"),
            models.Index(fields=["tenant", "email"], name="contact_email"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "membership"], condition=Q(membership__isnull=False), name="contact_membership"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Asset(Archivable):
    """A thing of a client's that the shop looks after."""

    portal = PortalRule.BY_CLIENT

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="assets", editable=False)
    site = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="assets", null=True, blank=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=AssetKind.choices, default=AssetKind.COMPUTER)
    make_model = models.CharField(_("make and model"), max_length=160, blank=True)
    serial = models.CharField(_("serial number"), max_length=120, blank=True)
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        indexes = [models.Index(fields=["tenant", "client", "name"], name="asset_client")]

    def __str__(self) -> str:
        return self.name


class ClientNote(TenantModel):
    """What the team knows about a client. Never shown to the client."""

    client = TenantForeignKey(Client, on_delete=models.PROTECT, related_name="notes", editable=False)
    author = TenantForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, editable=False)
    author_name = models.CharField(max_length=120, editable=False)
    body = models.TextField(_("note"))
    is_pinned = models.BooleanField(_("keep on top"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "client", "-created_at"], name="client_note_newest")]

    def __str__(self) -> str:
        return self.body[:60]
