"""A draft above the client's limit waits for the client's approver, or for our word that we have it in writing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing import actions
from billing.models import ClientApproval, Invoice, InvoiceLine
from billing.queries.review import review
from billing.rules.refusals import Refused
from msp.accounts.models import Membership
from msp.audit.models import Entry
from msp.mail.models import OutgoingMail
from msp.notify.models import Notification
from msp.tenancy.context import enter, on_behalf
from tests.world import NOW, World

from .conftest import Office
from .test_agreements import START, agreed


def above(world: World, office: Office, limit: str = "50", **terms: Any) -> Invoice:
    """A draft of 90.00 before tax under an agreement with a limit."""
    agreed(
        office,
        world.north.one,
        {"approval_limit": Decimal(limit), "approver": world.north.one.anna} | terms,
        kind="time",
    )
    office.solved(world.north.one, 60)
    return office.draft(world.north.one)


def found(invoice: Invoice) -> list[str]:
    [row] = review([Invoice.objects.select_related("client").get(pk=invoice.pk)], NOW)
    return [f"{finding.check}: {finding.why}" for finding in row.report.findings]


def answer(world: World, approval: ClientApproval, *, approves: bool, words: str = "") -> None:
    anna = world.north.one.anna
    assert anna.membership_id is not None
    with enter(world.north.portal_scope(anna)), on_behalf():
        actor = Membership.objects.get(pk=anna.membership_id).as_actor()
        actions.answer_question(approval=approval, approves=approves, words=words, actor=actor, now=NOW)


def test_the_approver_is_asked_once_and_their_yes_lets_it_go(world: World, office: Office) -> None:
    invoice, north = above(world, office), world.north
    who: dict[str, Any] = {"invoice": invoice, "actor": office.actor, "now": NOW}
    with enter(north.scope()):
        assert found(invoice) == [
            f"client_approves: It comes to 90 before tax; above 50 {north.one.anna.name} wants to approve it."
        ]
        with pytest.raises(Refused, match="The client has not approved it"):
            actions.approve_invoice(reason="Please", **who)
        asked = actions.ask_client(**who)
        assert actions.ask_client(**who).pk == asked.pk
        mail = OutgoingMail.objects.get(purpose_key=f"client_approval:{asked.pk}")
        assert (mail.to, asked.get_absolute_url() in mail.text) == ([north.one.anna.email], True)
        assert "have not answered yet" in found(invoice)[0]
    with pytest.raises(Refused, match="Write why"):
        answer(world, asked, approves=False)
    answer(world, asked, approves=True, words="Fine")
    with pytest.raises(Refused, match="answered already"):
        answer(world, asked, approves=False, words="No")
    with enter(north.scope()):
        assert found(invoice) == []
        entry = Entry.objects.get(verb="invoice.client_approved")
        assert (entry.actor_name, entry.at, entry.data) == (north.one.anna.name, NOW, {"words": "Fine"})
        assert Notification.objects.filter(key=f"client_approval:{invoice.pk}").exists()
        page = north.browser("office_manager").get(f"/billing/review/?invoice={invoice.pk}").content.decode()
        assert "Approved it for the client, in the portal." in page
        line = InvoiceLine.objects.select_related("invoice").get()
        said: dict[str, Any] = {
            "description": line.description,
            "detail": "Better words",
            "quantity": line.quantity,
            "reason": "More",
        }
        line = actions.edit_line(line=line, unit_price=line.unit_price, actor=office.actor, now=NOW, **said)
        assert found(invoice) == []
        actions.edit_line(line=line, unit_price=Decimal(95), actor=office.actor, now=NOW, **said)
        assert "It was changed since then" in found(invoice)[0]
        actions.ask_client(**who)
        actions.discard_draft(**who)
        assert list(ClientApproval.objects.order_by("id").values_list("state", flat=True)) == ["approved", "dropped"]


def test_a_no_holds_it_and_paper_lets_it_go(world: World, office: Office) -> None:
    invoice = above(world, office)
    who: dict[str, Any] = {"invoice": invoice, "actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        asked = actions.ask_client(**who)
    answer(world, asked, approves=False, words="Too dear")
    with enter(world.north.scope()):
        assert "They said no: “Too dear”." in found(invoice)[0]
        with pytest.raises(Refused, match="where you have it"):
            actions.keep_approval(words=" ", **who)
        kept = actions.keep_approval(words="Letter of 20 November", **who)
        assert (kept.way, kept.answered_by, kept.answered_at, kept.net) == (
            "writing",
            office.actor.name,
            NOW,
            Decimal(90),
        )
        with pytest.raises(Refused, match="approved already"):
            actions.ask_client(**who)
        assert not actions.approve_invoice(**who).is_draft


def test_who_cannot_be_asked_and_what_needs_no_word(world: World, office: Office) -> None:
    invoice = above(world, office, approver=None)
    who: dict[str, Any] = {"invoice": invoice, "actor": office.actor, "now": NOW}
    with enter(world.north.scope()):
        assert "somebody of theirs" in found(invoice)[0]
        with pytest.raises(Refused, match="names nobody"):
            actions.ask_client(**who)
        InvoiceLine.objects.update(detail="internal note: double it")
        # A project's own limit comes before the client's.
        terms = {"approval_limit": Decimal(2000), "approver": world.north.one.anna}
        project = agreed(office, world.north.one, terms, kind="project", name="Server", starts_on=START)
        made: dict[str, Any] = {"agreement": project, "actor": office.actor, "now": NOW}
        for amount, needs in ((Decimal(1500), False), (Decimal(2500), True)):
            step = actions.add_milestone(values={"title": "Installed", "amount": amount}, **made)
            drafted = actions.reach_milestone(milestone=step, actor=office.actor, now=NOW)
            assert bool(found(drafted)) is needs
        with pytest.raises(Refused, match="need not approve"):
            actions.keep_approval(words="x", invoice=Invoice.objects.get(net=1500), actor=office.actor, now=NOW)
        InvoiceLine.objects.filter(invoice=drafted).update(detail="internal note: double it")
        with pytest.raises(Refused, match="not fit for the client"):
            actions.ask_client(invoice=drafted, actor=office.actor, now=NOW)


def test_the_pages_of_both_sides(world: World, office: Office) -> None:
    north, invoice = world.north, above(world, office)
    root = f"/billing/invoices/{invoice.pk}/approval/"
    assert north.browser("technician").post(f"{root}ask/").status_code == 403
    assert north.browser("office_manager").post(f"{root}ask/").status_code == 302
    with enter(north.scope()):
        asked = ClientApproval.objects.get()
    url = asked.get_absolute_url()
    for other in (north.one.ben, north.two.anna):
        assert north.portal(other).get(url).status_code == 404
    anna = north.portal(north.one.anna)
    assert "£90.00" in anna.get(url).content.decode()
    assert anna.post(f"{url}answer/", {"decline": "1", "words": ""}).status_code == 422
    assert anna.post(f"{url}answer/", {"decline": "1", "words": "No"}).status_code == 302
    assert "You did not approve it" in anna.get(url).content.decode()
    assert north.browser("office_manager").post(f"{root}keep/", {"reason": "Fax"}).status_code == 302
    with enter(north.scope()):
        assert list(ClientApproval.objects.order_by("id").values_list("state", flat=True)) == ["declined", "approved"]
