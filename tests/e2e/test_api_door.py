"""A post of a program becomes one ticket of the right client; the answer reaches them at a real SMTP server; their answer to it comes
back into the ticket, where the program reads it. In the product as `up` starts it.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from tests.e2e.doors import (
    AGAIN,
    answer,
    hand_over,
    open_the_ticket,
    people,
    postbox,
    product,
    ready_shop,
    received,
    reply_to,
)
from tests.e2e.test_slice import CLIENT, People, Postbox, press
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


def test_from_a_post_to_the_mail_and_back(product: Running, people: People, postbox: Postbox) -> None:
    shop = ready_shop(product, people, postbox)
    program = let_a_program_in(shop.owner)
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

    open_the_ticket(shop.technician, "Disk is full", "C: has no room left.")
    answer(shop.technician, REPLY)
    hand_over(product, shop.forward_to, reply_to(received(postbox, "Disk is full", REPLY)))

    address = f"/api/v1/tickets/{ticket['number']}/messages/"
    until(lambda: len(program.send("GET", address)["items"]) == 3, "their answer on the ticket")
    theirs = program.send("GET", address)["items"][-1]
    assert (theirs["contact"], theirs["visibility"]) == (contact["id"], "public")
    assert theirs["body"].startswith(AGAIN)
    assert [row["number"] for row in program.send("GET", "/api/v1/tickets/")["items"]] == [ticket["number"]]
