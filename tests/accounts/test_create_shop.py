from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from msp.accounts.models import Invitation, ShopSettings
from msp.accounts.rules import Letter
from msp.accounts.signals import shop_created
from msp.audit.models import Entry
from msp.tenancy.context import current_scope, enter, system_scope
from msp.tenancy.models import Tenant

from .conftest import PASSWORD

SHOP = {
    "name": "Acre IT",
    "slug": "acre",
    "owner_email": "Olga@Acre.example",
    "zone": "Europe/Paris",
    "currency": "EUR",
}


def create(**changes: str) -> str:
    out = StringIO()
    call_command("create_shop", stdout=out, **SHOP | {"country": "FR"} | changes)
    return out.getvalue()


def test_a_shop_is_made_and_its_owner_joins_by_the_printed_link(
    db: None, letters: list[Letter], anonymous: Browser
) -> None:
    scopes = []

    def hear(tenant: Tenant, **kwargs: object) -> None:
        scopes.append((tenant.slug, current_scope().tenant_id == tenant.pk))

    shop_created.connect(hear)
    try:
        link = create().split()[-1]
    finally:
        shop_created.disconnect(hear)
    assert scopes == [("acre", True)]
    tenant = Tenant.objects.get(slug="acre")
    with enter(system_scope(tenant.pk)):
        settings = ShopSettings.objects.get()
        invitation = Invitation.objects.get()
        ours = Entry.objects.filter(verb__regex=r"^(shop|invitation)\.")
        entries = list(ours.order_by("at", "id").values_list("verb", "actor_kind", "actor_name"))
    assert (settings.legal_name, settings.zone, settings.currency, settings.country) == (
        "Acre IT",
        "Europe/Paris",
        "EUR",
        "FR",
    )
    assert (invitation.email, invitation.name, invitation.roles) == ("olga@acre.example", "Olga", ["owner"])
    assert entries == [("shop.created", "system", "create_shop"), ("invitation.sent", "system", "create_shop")]
    assert [letter.to for letter in letters] == ["olga@acre.example"]
    assert link in letters[0].text
    answer = anonymous.post(link.removeprefix("http://localhost:8000"), {"name": "Olga", "password": PASSWORD})
    assert answer["Location"] == "/start/"
    assert anonymous.get("/start/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"slug": "Not a slug"}, "--slug"),
        ({"owner_email": "nobody"}, "--owner-email"),
        ({"zone": "Mars"}, "--zone"),
        ({"currency": "QQQ"}, "--currency"),
        ({"country": "ZZ"}, "--country"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_made(db: None, wrong: dict[str, str], option: str) -> None:
    with pytest.raises(CommandError, match=option):
        create(**wrong)
    assert not Tenant.objects.filter(name="Acre IT").exists()


def test_two_shops_do_not_share_a_short_name_or_a_host(db: None) -> None:
    create(host="help.acre.example")
    with pytest.raises(CommandError, match="--slug"):
        create()
    with pytest.raises(CommandError, match="--host"):
        create(slug="acre2", host="HELP.acre.example")
