"""Everything that changes shops, people and invitations."""

from __future__ import annotations

from .invitations import (
    AddressTaken,
    InvitationClosed,
    Invited,
    accept_as_new,
    accept_as_user,
    invite_person,
    resend_invitation,
    withdraw_for,
    withdraw_invitation,
)
from .limits import TooManyLetters
from .logos import LOGO_BYTES, NotALogo, clean_logo
from .people import LastOwner, change_roles, end_membership, save_preferences, save_profile
from .shops import NewShop, create_shop, dismiss_start, save_brand, save_company, save_shop

__all__ = [
    "LOGO_BYTES",
    "AddressTaken",
    "InvitationClosed",
    "Invited",
    "LastOwner",
    "NewShop",
    "NotALogo",
    "TooManyLetters",
    "accept_as_new",
    "accept_as_user",
    "change_roles",
    "clean_logo",
    "create_shop",
    "dismiss_start",
    "end_membership",
    "invite_person",
    "resend_invitation",
    "save_brand",
    "save_company",
    "save_preferences",
    "save_profile",
    "save_shop",
    "withdraw_for",
    "withdraw_invitation",
]
