"""A post of a program becomes one ticket of the right client; the answer reaches them at a real SMTP server; their answer to it comes
back into the ticket, where the program reads it. In the product as `up` starts it.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from tests.e2e.test_mail_door import AGAIN, hand_over, people, product, reply_to, set_up_the_mailbox, written
from tests.e2e.test_slice import (
    CLIENT,
    TECHNICIAN,
    People,
    Postbox,
    enter_the_client,
    invite,
    link_in,
    open_the_shop,
    postbox,
    press,
    text_of,
)
from tests.launch.running import Running, until

__all__ = ["people", "postbox", "product"]
REPLY = "It has room again. An old backup had filled the disk."


class Monitoring:
    """A program somewhere, with nothing but its token."""

    def __init__(self, site: str, token: str) -> None:
        self.site, self.token = site, token

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urlopen(Request(self.site + path, data, given, method=method), timeout=60) as answer:
                return dict(json.load(answer))
        except HTTPError as refused:
            raise AssertionError(refused.read().decode()) from refused


def let_a_program_in(owner: Page) -> Monitoring:
    owner.goto("/settings/api/")
    owner.fill("#id_name", "Monitoring")
    for scope in ("clients:read", "tickets:write", "promises:read"):
        owner.check(f"input[value='{scope}']")
    press(owner, "Make the token")
    return Monitoring(owner.url.partition("/settings")[0], owner.locator("#secret").inner_text())


def answer_it(technician: Page) -> None:
    technician.goto("/tickets/?view=unassigned")
    expect(technician.get_by_role("link", name="Disk is full")).to_have_count(1)
    technician.get_by_role("link", name="Disk is full").click()
    turns = technician.locator("#turns")
    expect(turns).to_contain_text("C: has no room left.")
    technician.fill("#body", REPLY)
    technician.get_by_role("button", name="Send to Hana Reyes").click()
    expect(turns).to_contain_text(REPLY)


def test_from_a_post_to_the_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    owner = open_the_shop(product, postbox, people)
    invite(owner, "Tess Moore", TECHNICIAN, "Technician")
    technician = people.join("Tess Moore", link_in(postbox.one(TECHNICIAN, "Harbourlight IT")))
    enter_the_client(technician)
    forward_to = set_up_the_mailbox(owner)

    program = let_a_program_in(owner)
    (client,) = program.send("GET", "/api/v1/clients/?q=Quayside")["items"]
    (contact,) = program.send("GET", f"/api/v1/contacts/?client={client['id']}&email={CLIENT}")["items"]
    alert = {
        "client": client["id"],
        "contact": contact["id"],
        "subject": "Disk is full",
        "body": "C: has no room left.",
        "priority": 1,
    }
    ticket = program.send("POST", "/api/v1/tickets/", alert, **{"Idempotency-Key": "alert-4711"})
    assert program.send("POST", "/api/v1/tickets/", alert, **{"Idempotency-Key": "alert-4711"}) == ticket
    owed = program.send("GET", f"/api/v1/promises/?subject={ticket['id']}")["items"]
    assert {promise["kind"] for promise in owed} >= {"first_response", "resolution"}
    assert {promise["client"]["name"] for promise in owed} == {"Quayside Dental"}

    answer_it(technician)
    answer = postbox.one(CLIENT, "Disk is full")
    assert REPLY in text_of(answer)
    hand_over(product, forward_to, reply_to(answer, written("Disk is full", "")))

    address = f"/api/v1/tickets/{ticket['number']}/messages/"
    until(lambda: len(program.send("GET", address)["items"]) == 3, "their answer on the ticket")
    theirs = program.send("GET", address)["items"][-1]
    assert (theirs["contact"], theirs["visibility"]) == (contact["id"], "public")
    assert theirs["body"].startswith(AGAIN)
    assert [row["number"] for row in program.send("GET", "/api/v1/tickets/")["items"]] == [ticket["number"]]
