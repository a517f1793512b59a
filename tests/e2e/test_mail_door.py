"""A mail by real SMTP becomes a ticket of the right client; the answer reaches them at a real SMTP server; their answer to it comes
back into the ticket. In the product as `up` starts it.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_slice import (
    CLIENT,
    TECHNICIAN,
    People,
    Postbox,
    enter_the_client,
    fill,
    invite,
    link_in,
    open_the_shop,
    postbox,
    press,
    text_of,
)
from tests.launch.running import Running, until, unused_port

__all__ = ["postbox"]
REPLY = "It prints again. The queue was stuck behind one broken document."
AGAIN = "It did for an hour. Now it is stuck once more."


@pytest.fixture
def product(tmp_path: Path, postbox: Postbox) -> Iterator[Running]:
    mail = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(postbox.port), "MAIL_SECURITY": "none", "MAIL_CAPTURE": "0"}
    mail |= {"MAIL_FROM": "post@mainstay.example", "MAIL_IN_PORT": str(unused_port())}
    running = Running(tmp_path / "data", unused_port(), mail)
    yield running
    if running.process is not None and running.is_alive():
        running.process.terminate()
        running.process.wait()


@pytest.fixture
def people(browser: object, product: Running) -> Iterator[People]:
    found = People(browser, product.start())  # type: ignore[arg-type]
    yield found
    found.close()


def set_up_the_mailbox(owner: Page) -> str:
    """Returns the address of ours that the shop's mail is forwarded to."""
    owner.goto("/settings/mailboxes/new/forward/")
    fill(owner, address="help@harbourlight.example")
    owner.check("#id_plus_works")
    press(owner, "Save")
    return owner.locator("section code").inner_text()


def hand_over(product: Running, to: str, message: EmailMessage) -> None:
    port = re.search(r"taken at 127\.0\.0\.1:(\d+)", product.said())
    assert port is not None, product.said()
    with smtplib.SMTP("127.0.0.1", int(port[1]), timeout=60) as smtp:
        smtp.send_message(message, from_addr=CLIENT, to_addrs=[to])


def written(subject: str, text: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Hana Reyes <{CLIENT}>", "help@harbourlight.example", subject
    message["Message-ID"] = make_msgid(domain="quayside-dental.example")
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def reply_to(answer: EmailMessage, first: EmailMessage) -> EmailMessage:
    """What the client's mail program makes of pressing Reply."""
    quoted = "\n".join(f"> {line}" for line in text_of(answer).splitlines())
    return written(
        f"Re: {answer['Subject']}", f"{AGAIN}\n\nOn Monday, Harbourlight IT wrote:\n{quoted}\n", To=answer["Reply-To"],
        In_Reply_To=answer["Message-ID"], References=f"{first['Message-ID']} {answer['Message-ID']}",
    )  # fmt: skip


def test_from_mail_to_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    owner = open_the_shop(product, postbox, people)
    invite(owner, "Tess Moore", TECHNICIAN, "Technician")
    technician = people.join("Tess Moore", link_in(postbox.one(TECHNICIAN, "Harbourlight IT")))
    enter_the_client(technician)
    forward_to = set_up_the_mailbox(owner)

    first = written("Reception printer is dead", "It prints nothing since this morning.\n-- \nHana Reyes\n")
    hand_over(product, forward_to, first)
    acknowledged = postbox.one(CLIENT, "Reception printer is dead")
    headers = acknowledged["Auto-Submitted"], acknowledged["In-Reply-To"]
    assert headers == ("auto-replied", first["Message-ID"])

    technician.goto("/tickets/?view=unassigned")
    technician.get_by_role("link", name="Reception printer is dead").first.click()
    turns = technician.locator("#turns")
    expect(turns).to_contain_text("It prints nothing since this morning.")
    expect(turns).to_contain_text("by mail")
    expect(technician.locator("main")).to_contain_text("Quayside Dental")
    technician.fill("#body", REPLY)
    technician.get_by_role("button", name="Send to Hana Reyes").click()
    expect(turns).to_contain_text(REPLY)
    until(lambda: len(postbox.to(CLIENT, "Reception printer is dead")) == 2, "the answer")
    answer = next(mail for mail in postbox.to(CLIENT, "Reception printer is dead") if REPLY in text_of(mail))
    assert answer["In-Reply-To"] == first["Message-ID"]
    assert re.fullmatch(r"help\+t1-[a-z2-7]{16}@harbourlight\.example", answer["Reply-To"])

    hand_over(product, forward_to, reply_to(answer, first))

    def has_come() -> bool:
        technician.wait_for_timeout(500)
        technician.reload()
        return AGAIN in turns.inner_text()

    until(has_come, "their answer on the ticket")
    expect(turns.locator("details.folded").last).to_contain_text("Quoted text and signature")
    technician.goto("/mail/in/?state=handled")
    expect(technician.locator("tbody tr").filter(has_text="#1")).to_have_count(2)
    technician.goto("/tickets/?view=team")
    expect(technician.get_by_role("link", name="Reception printer is dead")).to_have_count(1)
