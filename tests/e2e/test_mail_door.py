"""A mail by real SMTP becomes a ticket of the right client; the answer reaches them at a real SMTP server; their answer to it comes
back into the ticket. In the product as `up` starts it.
"""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.doors import (
    AGAIN,
    answer,
    comes_back,
    hand_over,
    open_the_ticket,
    people,
    postbox,
    product,
    promised,
    ready_shop,
    received,
    reply_to,
    the_only_ticket,
    written,
)
from tests.e2e.test_slice import CLIENT, People, Postbox
from tests.launch.running import Running

__all__ = ["people", "postbox", "product"]
SUBJECT = "Reception printer is dead"
REPLY = "It prints again. The queue was stuck behind one broken document."


def test_from_mail_to_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    shop = ready_shop(product, people, postbox)
    technician = shop.technician
    first = written(SUBJECT, "It prints nothing since this morning.\n-- \nHana Reyes\n")
    hand_over(product, shop.forward_to, first)
    acknowledged = postbox.one(CLIENT, SUBJECT)
    headers = acknowledged["Auto-Submitted"], acknowledged["In-Reply-To"]
    assert headers == ("auto-replied", first["Message-ID"])

    promised(technician, SUBJECT)
    turns = open_the_ticket(technician, SUBJECT, "It prints nothing since this morning.")
    expect(turns).to_contain_text("by mail")
    answer(technician, REPLY)
    reply = received(postbox, SUBJECT, REPLY)
    assert len(postbox.to(CLIENT, SUBJECT)) == 2
    assert reply["In-Reply-To"] == first["Message-ID"]

    hand_over(product, shop.forward_to, reply_to(reply, first))
    comes_back(technician, AGAIN)
    expect(turns.locator("details.folded").last).to_contain_text("Quoted text and signature")
    technician.goto("/mail/in/?state=handled")
    expect(technician.locator("tbody tr").filter(has_text="#1")).to_have_count(2)
    the_only_ticket(technician, SUBJECT)
