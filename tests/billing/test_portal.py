"""What the client sees: its own issued invoices, and never a draft."""

from __future__ import annotations

import pytest

from billing import actions
from billing.models import Invoice, InvoiceLine, Payment, Receivable
from msp.accounts.choices import PortalCapability
from msp.accounts.models import Membership
from msp.tenancy.context import enter
from msp.tenancy.managers import TenantManager
from tests.world import NOW, World

from .conftest import Office


def test_the_client_reads_its_invoice(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    browser = world.north.portal(world.north.one.anna)
    assert "INV-0001" in browser.get("/portal/invoices/").content.decode()
    html = browser.get(f"/portal/invoices/{invoice.pk}/").content.decode()
    for shown in ("Invoice INV-0001", "£108.00", "Replaced the switch", "Sort code 00-00-00"):
        assert shown in html
    assert "Why it costs this" not in html
    assert "£108.00" in browser.get("/portal/").content.decode()


def test_drafts_and_other_clients_invoices_are_not_there(world: World, office: Office) -> None:
    theirs = office.issued(world.north.two)
    office.solved(world.north.one, 60)
    draft = office.draft(world.north.one)
    browser = world.north.portal(world.north.one.anna)
    html = browser.get("/portal/invoices/").content.decode()
    assert "No invoice yet" in html
    for invoice in (theirs, draft):
        for path in ("", "pdf/"):
            assert browser.get(f"/portal/invoices/{invoice.pk}/{path}").status_code == 404
    assert "Nothing is owed." in browser.get("/portal/").content.decode()


def test_a_contact_without_the_right_is_refused(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    with enter(world.north.scope()):
        member = Membership.objects.get(pk=world.north.one.ben.membership_id)
        member.granted = [PortalCapability.REQUESTS]
        member.save(update_fields=["granted"])
    browser = world.north.portal(world.north.one.ben)
    for path in ("/portal/invoices/", f"/portal/invoices/{invoice.pk}/", f"/portal/invoices/{invoice.pk}/pdf/"):
        assert browser.get(path).status_code == 403
    assert "To pay" not in browser.get("/portal/").content.decode()


def test_staff_find_nothing_under_the_portal(world: World, office: Office) -> None:
    invoice = office.issued(world.north.one)
    assert world.north.browser("owner").get(f"/portal/invoices/{invoice.pk}/").status_code == 404


@pytest.mark.parametrize("lock", ["both", "postgres"])
def test_each_lock_hides_drafts_and_their_lines(
    world: World, office: Office, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = office.issued(world.north.one), office.issued(world.north.two)
    office.solved(world.north.one, 60)
    office.draft(world.north.one)
    with enter(world.north.scope()):
        for invoice in (mine, theirs):
            values = {"amount": invoice.total, "paid_on": NOW.date(), "method": "cash", "reference": ""}
            actions.record_payment(invoice=invoice, actor=office.actor, now=NOW, **values)
    if lock == "postgres":
        monkeypatch.setattr(TenantManager, "get_queryset", super(TenantManager, TenantManager).get_queryset)
    with enter(world.north.portal_scope(world.north.one.anna)):
        assert list(Invoice.objects.values_list("pk", flat=True)) == [mine.pk]
        for model in (InvoiceLine, Payment, Receivable):
            assert set(model.objects.values_list("invoice", flat=True)) == {mine.pk}
