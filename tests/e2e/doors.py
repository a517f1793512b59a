"""What the walks through the doors have in common: a product that takes and sends real mail, a shop with one client, the technician's
answer, and the client's answer to it by mail. A test of a door imports `people`, `postbox` and `product` from here.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

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

__all__ = ["people", "postbox", "product"]
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


@dataclass(frozen=True)
class Shop:
    """Its owner and technician, each on a page of their own, and the address of ours that its mail is forwarded to."""

    owner: Page
    technician: Page
    forward_to: str


def ready_shop(product: Running, people: People, postbox: Postbox) -> Shop:
    """A shop whose one client can write and be written to."""
    owner = open_the_shop(product, postbox, people)
    invite(owner, "Tess Moore", TECHNICIAN, "Technician")
    technician = people.join("Tess Moore", link_in(postbox.one(TECHNICIAN, "Harbourlight IT")))
    enter_the_client(technician)
    return Shop(owner, technician, set_up_the_mailbox(owner))


def set_up_the_mailbox(owner: Page) -> str:
    """Returns the address of ours that the shop's mail is forwarded to."""
    owner.goto("/settings/mailboxes/new/forward/")
    fill(owner, address="help@harbourlight.example")
    owner.check("#id_plus_works")
    press(owner, "Save")
    return owner.locator("section code").inner_text()


def open_the_ticket(technician: Page, subject: str, words: str) -> Locator:
    """Find the one ticket about `subject` where new ones wait; returns its conversation."""
    technician.goto("/tickets/?view=unassigned")
    expect(technician.get_by_role("link", name=subject)).to_have_count(1)
    technician.get_by_role("link", name=subject).click()
    turns = technician.locator("#turns")
    expect(turns).to_contain_text(words)
    expect(technician.locator("main")).to_contain_text("Quayside Dental")
    return turns


def answer(technician: Page, reply: str) -> None:
    technician.fill("#body", reply)
    technician.get_by_role("button", name="Send to Hana Reyes").click()
    expect(technician.locator("#turns")).to_contain_text(reply)


def received(postbox: Postbox, subject: str, reply: str) -> EmailMessage:
    """Our answer, as the client has it; it can be answered."""

    def found() -> list[EmailMessage]:
        return [mail for mail in postbox.to(CLIENT, subject) if reply in text_of(mail)]

    until(found, "the answer")
    (mail,) = found()
    assert re.fullmatch(r"help\+t1-[a-z2-7]{16}@harbourlight\.example", mail["Reply-To"])
    return mail


def comes_back(technician: Page, words: str) -> None:
    """Reload the ticket until the client's answer stands there."""

    def has_come() -> bool:
        technician.wait_for_timeout(500)
        technician.reload()
        return words in technician.locator("#turns").inner_text()

    until(has_come, "their answer on the ticket")


def the_only_ticket(technician: Page, subject: str) -> None:
    """Nothing of all this opened a second one."""
    technician.goto("/tickets/?view=team")
    expect(technician.locator("#queue tbody tr")).to_have_count(1)
    expect(technician.get_by_role("link", name=subject)).to_have_count(1)


def promised(technician: Page, subject: str) -> None:
    """First reply and solution are owed to the client for the ticket, each once, and nothing else."""
    technician.goto("/promises/")
    rows = technician.locator("main tbody tr")
    expect(rows).to_have_count(2)
    for number in (0, 1):
        expect(rows.nth(number)).to_contain_text(subject)
        expect(rows.nth(number)).to_contain_text("Quayside Dental")
    for kind in ("First reply", "Solution"):
        expect(rows.filter(has_text=kind)).to_have_count(1)


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


def reply_to(mail: EmailMessage, first: EmailMessage | None = None) -> EmailMessage:
    """What the client's mail program makes of pressing Reply; `first` began the thread, if that was a mail, too."""
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    thread = [message["Message-ID"] for message in (first, mail) if message is not None]
    return written(
        f"Re: {mail['Subject']}", f"{AGAIN}\n\nOn Monday, Harbourlight IT wrote:\n{quoted}\n", To=mail["Reply-To"],
        In_Reply_To=mail["Message-ID"], References=" ".join(thread),
    )  # fmt: skip
