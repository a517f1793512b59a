"""One request from the client's first word to the paid invoice, walked by the people who do it, in the product as `up` starts it:
own Postgres and Valkey, granian, a Celery worker and the scheduler, and a mail server that takes real mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import cast
from urllib.parse import urljoin

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from tests.launch.running import Running, until, unused_port

OWNER, TECHNICIAN, OFFICE, CLIENT = (f"{name}@{host}" for name, host in (
    ("olivia", "harbourlight.example"),
    ("tess", "harbourlight.example"),
    ("oscar", "harbourlight.example"),
    ("hana", "quayside-dental.example"),
))  # fmt: skip
PASSWORD = "a long enough sentence"
WORDS = "The printer in reception prints nothing since this morning."
REPLY = "It prints again. The queue was stuck behind one broken document."
SECRET = "They are three invoices behind, be friendly but careful."
WORK = "Cleared the stuck queue and printed a test page"
SCANNER = "Scans end up in the wrong folder"
FIXED = "The scanner saves to the shared folder again."
SCANNER_WORK = "Pointed the scanner at the shared folder"
PATIENCE = 60_000  # milliseconds that a page may take on a machine that runs everything at once


@dataclass
class Postbox:
    """The mail server of the walk."""

    port: int
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(cast(bytes, envelope.original_content), policy=policy.default)
        self.got.append((list(envelope.rcpt_tos), cast(EmailMessage, message)))
        return "250 taken"

    def to(self, address: str, words: str) -> list[EmailMessage]:
        """What arrived for `address` with `words` in its subject."""
        return [mail for readers, mail in self.got if address in readers and words in mail["Subject"]]

    def one(self, address: str, words: str) -> EmailMessage:
        """Wait for the one message that it must be."""
        until(lambda: self.to(address, words), f"mail about “{words}” to {address}")
        (mail,) = self.to(address, words)
        return mail


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(["plain"])
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://\S+", text_of(mail))
    assert found, text_of(mail)
    return found[0]


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox(unused_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def product(tmp_path: Path, postbox: Postbox) -> Iterator[Running]:
    mail = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(postbox.port), "MAIL_SECURITY": "none", "MAIL_CAPTURE": "0"}
    running = Running(tmp_path / "data", unused_port(), mail | {"MAIL_FROM": "post@mainstay.example"})
    yield running
    if running.process is not None and running.is_alive():
        running.process.terminate()
        running.process.wait()


class People:
    """Everybody in the walk, each in a browser of their own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site, self.contexts = browser, site, dict[str, BrowserContext]()

    def join(self, name: str, link: str) -> Page:
        """Follow an invitation."""
        self.contexts[name] = self.browser.new_context(
            base_url=self.site, viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB"
        )
        self.contexts[name].set_default_timeout(PATIENCE)
        page = self.contexts[name].new_page()
        page.goto(link)
        page.fill("#id_name", name)
        page.fill("#id_password", PASSWORD)
        press(page, "Join")
        return page

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()


def press(page: Page, name: str) -> None:
    """Press a button that sends its form, and wait for the next page."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).click()


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def settle_the_shop(owner: Page) -> None:
    owner.goto("/settings/company/")
    fill(owner, legal_name="Harbourlight IT Ltd", address="1 Quay Street\nWexcombe", tax_id="GB 999 1234 56")
    press(owner, "Save")
    owner.goto("/settings/billing/")
    fill(owner, hourly_rate="90.00", tax_rate="20", undo_minutes="0", bank_details="Sort code 00-00-00, account 4711")
    press(owner, "Save")


def invite(owner: Page, name: str, email: str, role: str) -> None:
    owner.goto("/settings/people/invite/")
    fill(owner, name=name, email=email)
    owner.get_by_label(role, exact=True).check()
    press(owner, "Send the invitation")


def enter_the_client(technician: Page) -> None:
    technician.goto("/clients/new/")
    fill(technician, name="Quayside Dental", trade="Dental practice", address="7 Harbour Road\nWexcombe")
    press(technician, "Save")
    technician.get_by_role("link", name="Add a contact").click()
    fill(technician, name="Hana Reyes", job_title="Practice manager", email=CLIENT)
    technician.check("#id_gets_invoices")
    press(technician, "Save")
    technician.locator("a[href*='/people/'][href$='/portal/']").click()
    for right in ("Requests", "Invoices"):
        technician.get_by_label(right, exact=True).check()
    press(technician, "Invite to the portal")
    write_down_what_they_have(technician)


def write_down_what_they_have(technician: Page) -> None:
    """A second site with equipment; a correction; something archived by mistake and brought back; a note for the team."""
    technician.get_by_role("link", name="Add a site").click()
    fill(technician, name="Back surgery", address="9 Harbour Road\nWexcombe")
    press(technician, "Save")
    technician.get_by_role("link", name="Add equipment").click()
    fill(technician, name="Front scanner", kind="Printer", site="Back surgery", serial="SC-1")
    press(technician, "Save")
    technician.get_by_role("link", name="Change Front scanner").click()
    fill(technician, serial="SC-4711")
    press(technician, "Save")
    expect(technician.locator("main")).to_contain_text("SC-4711")
    press(technician, "Archive Front scanner")
    expect(technician.locator("main")).not_to_contain_text("SC-4711")
    technician.get_by_role("link", name="Archived people, equipment and sites").click()
    press(technician, "Bring Front scanner back")
    expect(technician.locator("main")).to_contain_text("SC-4711")
    technician.locator("aside.rail textarea[name=body]").fill(SECRET)
    press(technician, "Save note for the team")
    expect(technician.locator("aside.rail")).to_contain_text(SECRET)


def ask_for_help(client: Page) -> None:
    client.goto("/portal/")
    client.locator("a[href='/portal/requests/new/']").first.click()
    fill(client, subject="Reception printer is dead", body=WORDS)
    press(client, "Send the request")
    expect(client.locator("h1")).to_have_text("Reception printer is dead")


def work_on_it(technician: Page) -> None:
    """Note, timer, time, answer, solved."""
    technician.goto("/tickets/?view=unassigned")
    technician.get_by_role("link", name="Reception printer is dead").first.click()
    expect(technician.locator("#turns")).to_contain_text(WORDS)
    technician.locator("label", has=technician.locator("#m-note")).click()
    technician.fill("#note", SECRET)
    technician.get_by_role("button", name="Save note for the team").click()
    expect(technician.locator("#turns")).to_contain_text(SECRET)
    press(technician, "Start timer")
    technician.get_by_role("button", name="Stop and log", exact=True).click()
    technician.fill("#stop-pop-m", "45")
    technician.fill("#stop-pop-n", WORK)
    technician.locator("#stop-pop").get_by_role("button", name="Log time", exact=True).click()
    expect(technician.locator("aside.rail")).to_contain_text(WORK)
    technician.locator("label", has=technician.locator("#m-reply")).click()
    technician.fill("#body", REPLY)
    technician.select_option("#c-st", label="Solved")
    technician.get_by_role("button", name="Send to Hana Reyes").click()
    expect(technician.locator("#turns")).to_contain_text(REPLY)
    expect(technician.locator("#tkt-head")).to_contain_text("Solved")


def take_a_call(technician: Page) -> None:
    """A ticket from the staff's form, answered and solved with the time in the reply."""
    technician.goto("/clients/quayside-dental/")
    technician.get_by_role("region", name="Tickets").get_by_role("link", name="New ticket").click()
    fill(technician, subject=SCANNER, body="Hana rang: since the update.", contact="Hana Reyes")
    fill(technician, site="Back surgery", asset="Front scanner", priority="Low", assignee="Tess Moore")
    press(technician, "Open the ticket Ctrl ↵")
    expect(technician.locator("aside.rail")).to_contain_text("Front scanner")
    technician.fill("#body", FIXED)
    technician.fill("#c-min", "30")
    technician.fill("#c-work", SCANNER_WORK)
    technician.select_option("#c-st", label="Solved")
    technician.get_by_role("button", name="Send to Hana Reyes").click()
    expect(technician.locator("#turns")).to_contain_text(FIXED)
    expect(technician.locator("aside.rail")).to_contain_text(SCANNER_WORK)


def bill_it(office: Page) -> str:
    """From unbilled work to an issued, mailed invoice; returns its number."""
    office.goto("/billing/unbilled/")
    expect(office.locator("main")).to_contain_text("Quayside Dental")
    press(office, "Draft Quayside Dental")
    lines = office.locator("main")
    for words in ("Reception printer is dead", WORK, SCANNER, SCANNER_WORK, "£67.50", "£45.00", "£22.50", "£135.00"):
        expect(lines).to_contain_text(words)
    expect(lines).not_to_contain_text(SECRET)
    invoice = office.url
    expect(office.locator("main")).to_contain_text("Time overlaps")  # both jobs were logged as ending just now
    office.get_by_role("button", name="Approve and send").click()
    fill(office, reason="Tess did both on one visit.")
    press(office, "Send all the same")
    office.goto(invoice)
    until_shown(office, "Sent")
    number = office.locator("h1").inner_text()
    assert number == "INV-0001"
    expect(office.locator("#state")).to_contain_text("PDF made")
    return number


def until_shown(page: Page, words: str) -> None:
    """Reload until a worker has done its part."""

    def there() -> bool:
        page.wait_for_timeout(500)
        page.reload()
        return words in page.locator("#state").inner_text()

    until(there, words)


def download(page: Page, link: str) -> str:
    """The text of the PDF behind a link."""
    href = page.get_by_role("link", name=link, exact=True).get_attribute("href")
    assert href is not None
    answer = page.request.get(href)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return text_of_pdf(answer.body())


def text_of_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def assert_an_invoice(text: str, number: str) -> None:
    parties = ("Harbourlight IT Ltd", "GB 999 1234 56", "Quayside Dental")
    for words in (number, *parties, WORK, SCANNER_WORK, "67.50", "45.00", "22.50", "135.00"):
        assert words in text
    assert SECRET not in text


def everything_of(page: Page) -> dict[str, str]:
    """Address and source of every page of the portal that its own links lead to."""
    waiting, found = ["/portal/"], dict[str, str]()
    while waiting:
        address = waiting.pop()
        if address in found or not address.startswith("/portal/") or "/pdf/" in address:
            continue
        answer = page.request.get(address)
        assert answer.status == 200, address
        found[address] = answer.text()
        links = re.findall(r'href="([^"#]*)', found[address])
        waiting += [urljoin(address, unescape(link)) for link in links if link]
    return found


@pytest.fixture
def people(browser: Browser, product: Running) -> Iterator[People]:
    found = People(browser, product.start())
    yield found
    found.close()


def open_the_shop(product: Running, postbox: Postbox, people: People) -> Page:
    """`create_shop`, as an administrator types it; the owner's page after they joined by the mail."""
    given = {"name": "Harbourlight IT", "slug": "harbourlight", "owner-name": "Olivia Grant", "owner-email": OWNER}
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    made = product.run("manage", "create_shop", *options)
    assert made.returncode == 0, made.stderr
    return people.join("Olivia Grant", link_in(postbox.one(OWNER, "Harbourlight IT")))


def test_from_the_first_word_to_the_paid_invoice(product: Running, people: People, postbox: Postbox) -> None:
    owner = open_the_shop(product, postbox, people)
    settle_the_shop(owner)
    invite(owner, "Tess Moore", TECHNICIAN, "Technician")
    invite(owner, "Oscar Lane", OFFICE, "Office manager")
    technician = people.join("Tess Moore", link_in(postbox.one(TECHNICIAN, "Harbourlight IT")))
    office = people.join("Oscar Lane", link_in(postbox.one(OFFICE, "Harbourlight IT")))

    enter_the_client(technician)
    client = people.join("Hana Reyes", link_in(postbox.one(CLIENT, "Harbourlight IT")))
    ask_for_help(client)
    work_on_it(technician)
    take_a_call(technician)
    answer = postbox.one(CLIENT, "Reception printer is dead")
    assert REPLY in text_of(answer)
    client.reload()
    expect(client.locator("main")).to_contain_text(REPLY)
    press(client, "It works")

    number = bill_it(office)
    mail = postbox.one(CLIENT, number)
    (enclosed,) = mail.iter_attachments()
    assert_an_invoice(text_of_pdf(cast(bytes, enclosed.get_content())), number)
    read_the_outbox(office, number)

    client.goto("/portal/invoices/")
    client.get_by_role("link", name=number).click()
    expect(client.locator("main")).to_contain_text("£135.00")
    assert_an_invoice(download(client, "Download the PDF"), number)

    record_the_payment(office)
    client.reload()
    expect(client.locator("main")).to_contain_text("Nothing is owed on this invoice.")
    assert_nothing_slipped(client, postbox, number)


def assert_nothing_slipped(client: Page, postbox: Postbox, number: str) -> None:
    """The invoice was mailed once, and what the team wrote for itself is nowhere."""
    pages = everything_of(client)
    assert REPLY in pages["/portal/requests/1/"]
    assert [address for address, source in pages.items() if SECRET in source] == []
    assert len(postbox.to(CLIENT, number)) == 1
    assert not any(SECRET in mail.as_string() for _, mail in postbox.got)


def read_the_outbox(office: Page, number: str) -> None:
    """What was sent, on the mail page."""
    office.goto("/mail/")
    office.get_by_role("link", name=number).click()
    envelope = office.get_by_label("Envelope")
    for words in ("Sent", CLIENT, "250 taken", f"{number}.pdf"):
        expect(envelope).to_contain_text(words)
    expect(office.locator("pre.mail-text")).to_contain_text("£135.00")
    assert_an_invoice(download_attachment(office, f"{number}.pdf"), number)


def download_attachment(page: Page, name: str) -> str:
    href = page.get_by_role("link", name=name).get_attribute("href")
    assert href is not None
    return text_of_pdf(page.request.get(href).body())


def record_the_payment(office: Page) -> None:
    office.goto("/billing/invoices/")
    office.get_by_role("link", name="INV-0001").first.click()
    with office.expect_navigation():
        office.get_by_role("link", name="Record a payment").click()
    press(office, "Save")
    expect(office.locator("aside.rail .amount")).to_have_text("£0.00")
