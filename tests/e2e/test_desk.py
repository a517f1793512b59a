"""The desk's tools in a real browser: files pasted and kept, saved replies, tasks, picks undone; and every page of them, full."""

from __future__ import annotations

import io
from base64 import b64encode
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import ShopWorld, World
from tickets import actions
from tickets.models import (
    Attachment,
    Category,
    CustomField,
    Label,
    RecurringTicket,
    SavedReply,
    SavedView,
    Ticket,
    TicketTemplate,
    TimeWeek,
)
from tickets.queries.days import bounds_of
from tickets.rules.recurrence import rule_of

from .conftest import DESK, PHONE, Visitor
from .test_pages import NARROW, look, violations, visit

PASTE = """([data, name]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), all = new DataTransfer();
  all.items.add(new File([bytes], name, { type: "image/png" }));
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: all, bubbles: true, cancelable: true }));
}"""


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def stocked(world: World) -> World:
    """A ticket with one of everything that the desk knows, written by the technician."""
    north, now = world.north, timezone.now()
    with enter(north.scope()):
        words = _words(north)
    ticket = make_ticket(
        north,
        assignee="technician",
        now=now - timedelta(minutes=40),
        category=words["network"],
        asset=north.one.asset,
    )
    make_ticket(north, subject="Scanner is slow", now=now - timedelta(hours=3))
    with enter(north.scope()):
        _busy(north, ticket, words, now)
        _week(north, ticket, words["template"], now)
    return world


def _words(north: ShopWorld) -> dict[str, Any]:
    """What a shop writes down once: categories, fields, labels, saved replies and views, a template."""
    network = Category.objects.create(name="Network")
    Category.objects.create(name="Wi-Fi", parent=network)
    CustomField.objects.create(category=network, name="Building", needed="solve")
    SavedReply.objects.create(name="Greeting", body="Hello {first_name}, this is about {number}.")
    owner = north.staff["technician"]
    SavedReply.objects.create(name="Remote session", body="May I connect to your computer now?", owner=owner)
    SavedView.objects.create(name="On fire", query="view=team&priority=1")
    return {
        "network": network,
        "label": Label.objects.create(name="Handle with care", colour="warn"),
        "template": TicketTemplate.objects.create(
            name="Patches", subject="Monthly patches", body="We patch.", tasks="One\nTwo +2d"
        ),
    }


def _busy(north: ShopWorld, ticket: Ticket, words: dict[str, Any], now: datetime) -> None:
    """Label, tasks, followers and files."""
    given: dict[str, Any] = {"actor": north.staff["technician"].as_actor(), "now": now, "ticket": ticket}
    actions.put_label(**given, label=words["label"])
    actions.add_tasks_of(**given, template=words["template"], today=date(2020, 1, 1))
    actions.watch(**given, person=north.staff["owner"])
    actions.watch(**given, person=north.one.ben)
    kept = actions.keep_files(
        [("photo.png", ContentFile(picture()), "image/png"), ("log.txt", ContentFile(b"x"), "text/plain")]
    )
    actions.reply_as_contact(**given, contact=north.one.anna, body="Here is a photo.", kept=kept)
    drawn = Attachment.objects.get(file__name="photo.png")
    drawn.thumbnail = drawn.file  # what the worker would draw
    drawn.save(update_fields=["thumbnail"])


def _week(north: ShopWorld, ticket: Ticket, template: TicketTemplate, now: datetime) -> None:
    """Time, the week it was in handed in, and a plan."""
    tech = north.staff["technician"]
    given: dict[str, Any] = {"actor": tech.as_actor(), "now": now}
    for hours, length in ((3, 50), (1, 25)):
        start = now - timedelta(hours=hours)
        actions.log_time(**given, ticket=ticket, member=tech, minutes=length, started_at=start)
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    start, end = bounds_of(monday, 7)
    actions.submit_week(**given, member=tech, monday=monday, starts_at=start, ends_at=end)
    plan = {
        "template": template,
        "starts_on": monday,
        "opens_at": time(8),
        "rule": rule_of("weekly", 1, ["MO"], monday),
    }
    actions.save_recurring(**given, row=RecurringTicket(client=north.one.client), values=plan)


@pytest.fixture
def desk(visitor: Visitor, stocked: World) -> Page:
    page = visitor(stocked.north.staff["technician"])
    page.goto("/tickets/1/")
    return page


def test_a_pasted_picture_is_kept_while_words_are_missing(desk: Page, stocked: World) -> None:
    desk.keyboard.press("n")
    desk.evaluate(PASTE, [b64encode(picture()).decode(), "pasted.png"])
    expect(desk.locator("#c-files")).to_have_js_property("files.length", 1)
    desk.get_by_role("button", name="Save note for the team").click()
    expect(desk.locator("#note-err")).to_contain_text("Write something first.")
    expect(desk.locator(".composer .files")).to_contain_text("pasted.png")
    desk.locator("#note").fill("See the picture")
    desk.locator("#note").press("Control+Enter")
    expect(desk.locator(".msg.note .files")).to_contain_text("pasted.png")
    with enter(stocked.north.scope()):
        assert Attachment.objects.filter(message__body="See the picture").count() == 1


def test_a_held_file_is_left_out(desk: Page) -> None:
    desk.locator("#c-files").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    desk.get_by_role("button", name="Send to").click()
    desk.get_by_role("button", name="Leave a.txt out").click()
    expect(desk.locator(".composer .files")).to_have_count(0)


def test_a_saved_reply_is_put_in_by_keys_alone(desk: Page) -> None:
    desk.keyboard.press("r")
    desk.keyboard.type("First. ")
    desk.keyboard.press("Escape")
    desk.keyboard.press("i")
    expect(desk.locator("#saved-q")).to_be_focused()
    expect(desk.locator("#saved-list [data-saved]")).to_have_count(2)
    desk.keyboard.type("greet")
    desk.keyboard.press("Enter")
    expect(desk.locator("#body")).to_have_value("First. Hello Anna, this is about #1.")
    expect(desk.locator("#body")).to_be_focused()
    expect(desk.locator(".msg.us")).to_have_count(0)


def test_tasks_are_ticked_in_place_and_solving_asks(desk: Page) -> None:
    desk.get_by_role("button", name="Done: One").click()
    expect(desk.locator("#tasks")).to_contain_text("1 of 2")
    desk.locator("#task-in").fill("Three")
    desk.locator("#task-in").press("Enter")
    expect(desk.locator("#tasks")).to_contain_text("1 of 3")
    desk.keyboard.press("Escape")
    desk.keyboard.press("s")
    desk.locator("#status-pop").get_by_role("button", name="Solved").click()
    expect(desk.locator(".toast", has_text="Before it is solved, answer: Building.")).to_be_visible()


def test_category_and_labels_save_at_once(desk: Page, stocked: World) -> None:
    desk.locator("[popovertarget=label-pop]").click()
    desk.locator("#label-pop").get_by_role("button", name="Handle with care").click()
    expect(desk.locator(".toast", has_text="#1 lost the label Handle with care.")).to_be_visible()
    desk.locator("[popovertarget=category-pop]").click()
    desk.locator("#category-pop").get_by_role("button", name="Wi-Fi").click()
    toast = desk.locator(".toast", has_text="#1 stands under Wi-Fi.")
    toast.get_by_role("button", name="Undo").click()
    expect(desk.locator("[popovertarget=category-pop]")).to_contain_text("Network")
    desk.locator("[popovertarget=priority-pop]").click()
    desk.locator("#priority-pop").get_by_role("button", name="Everybody").click()
    expect(desk.locator("#priority-pop [name=impact][aria-pressed=true]")).to_have_count(1)
    desk.locator("[popovertarget=priority-pop]").click()
    desk.locator("#priority-pop").get_by_role("button", name="Work stands still").click()
    expect(desk.locator("[popovertarget=priority-pop]")).to_contain_text("Urgent")


def test_many_are_changed_and_taken_back(visitor: Visitor, stocked: World) -> None:
    page = visitor(stocked.north.staff["dispatcher"])
    page.goto("/tickets/?view=team")
    expect(page.locator("nav.saved")).to_contain_text("On fire")
    for box in page.locator("input[name=pick]").all():
        box.check()
    page.locator("#bulk-do").select_option("priority:2")
    page.get_by_role("button", name="Do it").click()
    page.locator(".toast", has_text="2 tickets changed.").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast", has_text="2 tickets are as before.")).to_be_visible()
    with enter(stocked.north.scope()):
        assert set(Ticket.objects.values_list("priority", flat=True)) == {3}


def full_pages(north: ShopWorld) -> list[str]:
    """Every page of the desk that has something to show."""
    with enter(north.scope()):
        week, plan, reply = TimeWeek.objects.get(), RecurringTicket.objects.get(), SavedReply.objects.get(owner=None)
        task, network = Ticket.objects.get(number=1).tasks.order_by("position")[0], Category.objects.get(parent=None)
        template = TicketTemplate.objects.get()
    return [
        "/tickets/1/", "/tickets/1/fields/", "/tickets/1/solve/", f"/tickets/1/tasks/{task.pk}/", "/tickets/1/about/",
        "/tickets/?view=team", "/tickets/views/", "/replies/", f"/replies/{reply.pk}/", "/time/", "/time/week/",
        "/time/team/", f"/time/weeks/{week.pk}/", "/tickets/plans/", f"/tickets/plans/{plan.pk}/", "/tickets/plans/new/",
        f"/tickets/new/?client=harbour-north&template={template.pk}", "/settings/tickets/", "/settings/labels/",
        "/settings/categories/", f"/settings/categories/{network.pk}/", "/settings/fields/", "/settings/fields/new/",
        "/settings/templates/",
    ]  # fmt: skip


@pytest.mark.deep
def test_the_desks_pages_are_clean_when_they_are_full(visitor: Visitor, stocked: World) -> None:
    page, troubles = visitor(stocked.north.staff["owner"]), []
    for number, url in enumerate(full_pages(stocked.north)):
        visit(page, url)
        size, theme = ((DESK, "light"), (PHONE, "dark"))[number % 2]
        look(page, size, theme)
        troubles += [f"{url} {size[0]} {found}" for found in violations(page)]
        page.set_viewport_size({"width": NARROW, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > NARROW:
            troubles.append(f"{url} scrolls sideways")
    assert troubles == []


def test_a_colleague_follows_and_sees_the_picture(visitor: Visitor, stocked: World) -> None:
    with enter(stocked.north.scope()):
        member = stocked.north.one.ben.membership
    page = visitor(member, PHONE)
    page.goto("/portal/requests/1/")
    expect(page.locator(".files img")).to_have_js_property("naturalWidth", 40)
    page.get_by_role("button", name="Following: stop the copies").click()
    expect(page.get_by_role("button", name="Follow: get a copy of every answer")).to_be_visible()
    assert violations(page) == []
