"""People: a global sign-in identity, and what each is in each shop."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from msp.tenancy.ids import new_id
from msp.tenancy.models import TenantModel
from msp.tenancy.scope import PortalRule

from .choices import ActorKind, MembershipKind, Role, Theme
from .rules import Actor, capabilities_of, roles_in_words


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person's sign-in, over all shops. A shop's admin never touches it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    theme = models.CharField(_("appearance"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    single_keys = models.BooleanField(_("single-letter keyboard shortcuts"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.email


# The portal shows staff by name; other contacts' memberships stay closed to it.
_STAFF_NAMES = PortalRule("staff_names", "kind = 'staff'", lambda _scope: Q(kind=MembershipKind.STAFF), ("kind",))


class Membership(TenantModel):
    """What a person is in one shop: rights come from here alone."""

    portal = _STAFF_NAMES
    policies: ClassVar[dict[str, str]] = {
        # So that sign-in and switching work before a shop is chosen.
        "own_memberships": "for select using (user_id = nullif(current_setting('app.user_id', true), '')::uuid)"
    }

    indexes_over_shops: ClassVar[dict[str, str]] = {
        "membership_user": "sign-in looks for one's own rows over all shops"
    }

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=MembershipKind.choices, default=MembershipKind.STAFF)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    signature = models.TextField(_("signature"), blank=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    granted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    landing = models.CharField(_("first page"), max_length=60, blank=True)
    unread = models.IntegerField(default=0, editable=False)  # notifications; see actions.unread
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "name"], name="membership_name"),
            models.Index(fields=["user"], name="membership_user"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user"], condition=Q(kind="staff", ended_at=None), name="membership_one_per_shop"
            ),
            models.CheckConstraint(condition=Q(kind="contact") | ~Q(roles=[]), name="membership_staff_has_role"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff_member(self) -> bool:
        return self.kind == MembershipKind.STAFF

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def capabilities(self) -> frozenset[str]:
        return capabilities_of(self.roles, self.granted)

    @property
    def role_label(self) -> str:
        """The main role in words: the first one given."""
        return str(Role(self.roles[0]).label) if self.roles else str(MembershipKind(self.kind).label)

    @property
    def roles_in_words(self) -> str:
        return roles_in_words(self.roles)

    def can(self, capability: str) -> bool:
        return capability in self.capabilities

    def as_actor(self) -> Actor:
        kind = ActorKind.PERSON if self.is_staff_member else ActorKind.CONTACT
        return Actor(kind, str(self.pk), self.name)


class ShopSettings(TenantModel):
    """One row a shop: who the shop is, and how it looks and speaks."""

    portal = PortalRule.SHARED

    legal_name = models.CharField(_("legal name"), max_length=160, blank=True)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2, default="GB")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    registration = models.CharField(_("registration number"), max_length=60, blank=True)
    hue = models.PositiveSmallIntegerField(_("brand hue"), default=245)
    logo = models.BinaryField(null=True, blank=True, editable=False)  # a PNG of ours, never the upload itself
    logo_hash = models.CharField(max_length=64, blank=True, editable=False)  # SHA-256 in hex; empty without a logo
    zone = models.CharField(_("time zone"), max_length=60, default="Europe/London")
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    language = models.CharField(_("language"), max_length=10, default="en")
    staff_mfa_required = models.BooleanField(_("staff must use a second factor"), default=False)
    start_dismissed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="shop_settings_one"),
            models.CheckConstraint(condition=Q(hue__lt=360), name="shop_settings_hue"),
            models.CheckConstraint(
                condition=Q(logo=None, logo_hash="") | Q(logo__isnull=False, logo_hash__gt=""),
                name="shop_settings_logo_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


class Invitation(TenantModel):
    """Someone asked to join the shop. Only the secret's hash is kept; the mail carries the secret."""

    email = models.EmailField(_("e-mail"))
    kind = models.CharField(max_length=10, choices=MembershipKind.choices)
    name = models.CharField(_("name"), max_length=120)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    granted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)  # the contact it is for, kept by the clients app
    secret_hash = models.CharField(max_length=64, editable=False)
    invited_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "created_at"], name="invitation_newest")]

    def __str__(self) -> str:
        return self.email

    @property
    def roles_in_words(self) -> str:
        return roles_in_words(self.roles)

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and now < self.expires_at
