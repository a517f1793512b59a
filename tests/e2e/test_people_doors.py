"""A request in the portal and a call on the phone each become one ticket of the right client with its promises; the answer reaches
them at a real SMTP server; what they answer, by mail or in the portal, comes back into it. In the product as `up` starts it.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.doors import (
    AGAIN,
    Shop,
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
)
from tests.e2e.test_slice import CLIENT, WORDS, People, Postbox, ask_for_help, fill, link_in, press
from tests.launch.running import Running

__all__ = ["people", "postbox", "product"]
REQUEST = "Reception printer is dead"
CALLED = "No sound in the waiting room since the update"
REPLY = "It works again. A cable had come loose."
THEIRS = "It does, thank you, but the tray is empty now."
NUMBER = "+44 1632 960 123"


def answered_by_mail(product: Running, postbox: Postbox, shop: Shop, subject: str) -> None:
    """Our reply goes out by mail, and their answer to it stands on the ticket."""
    answer(shop.technician, REPLY)
    hand_over(product, shop.forward_to, reply_to(received(postbox, subject, REPLY)))
    comes_back(shop.technician, AGAIN)


def test_from_the_portal_to_the_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    shop = ready_shop(product, people, postbox)
    client = people.join("Hana Reyes", link_in(postbox.one(CLIENT, "Harbourlight IT")))
    ask_for_help(client)
    promised(shop.technician, REQUEST)
    turns = open_the_ticket(shop.technician, REQUEST, WORDS)
    answered_by_mail(product, postbox, shop, REQUEST)
    expect(turns.locator("article").last).to_contain_text("Hana Reyes")

    client.reload()
    for words in (WORDS, REPLY, AGAIN):
        expect(client.locator("main")).to_contain_text(words)
    fill(client, body=THEIRS)
    press(client, "Send")
    expect(client.locator("main")).to_contain_text(THEIRS)
    comes_back(shop.technician, THEIRS)
    the_only_ticket(shop.technician, REQUEST)


def take_the_call(technician: Page) -> None:
    """Their number was written down; now it rings."""
    technician.goto("/clients/quayside-dental/")
    technician.get_by_role("link", name="Change Hana Reyes").click()
    fill(technician, phone=NUMBER)
    press(technician, "Save")
    technician.keyboard.press("g")
    technician.keyboard.press("h")
    technician.locator("#cq").fill("01632 960123")
    technician.get_by_role("link", name="Hana Reyes").click()
    expect(technician.locator("h1")).to_have_text("Hana Reyes")
    expect(technician.locator("aside.rail")).to_contain_text("Nothing is open.")
    fill(technician, words=CALLED)
    with technician.expect_navigation():
        technician.locator("#id_words").press("Enter")


@pytest.mark.deep  # the walk from the portal shows the same mails; that a call becomes one ticket, tests/tickets does
def test_from_a_call_to_the_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    shop = ready_shop(product, people, postbox)
    take_the_call(shop.technician)
    promised(shop.technician, CALLED)
    turns = open_the_ticket(shop.technician, CALLED, CALLED)
    answered_by_mail(product, postbox, shop, CALLED)
    expect(turns.locator("article").last).to_contain_text("Hana Reyes")
    shop.technician.goto("/tickets/calls/")
    expect(shop.technician.locator("main tbody tr").filter(has_text=CALLED)).to_contain_text("Quayside Dental")
    the_only_ticket(shop.technician, CALLED)
