"""The service desk in a real browser: keyboard, composer, undo, live parts, picks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from msp.tenancy.context import enter
from tests.tickets.making import make_ticket
from tests.world import World
from tickets import actions
from tickets.models import Message, Ticket, TimeEntry

from .conftest import Visitor

POLL = "(id) => document.getElementById(id).dispatchEvent(new Event('every'))"


@pytest.fixture
def desk(visitor: Visitor, world: World) -> Page:
    """The technician on ticket 1, which waits for an answer."""
    make_ticket(world.north, assignee="technician", now=timezone.now() - timedelta(minutes=20))
    page = visitor(world.north.staff["technician"])
    page.goto("/tickets/1/")
    return page


def test_a_note_never_turns_into_a_reply(desk: Page) -> None:
    desk.keyboard.press("n")
    expect(desk.locator("#note")).to_be_focused()
    desk.keyboard.type("They forgot the password again")
    expect(desk.get_by_role("button", name="Save note for the team")).to_be_visible()
    expect(desk.get_by_role("button", name="Send to")).to_be_hidden()
    desk.keyboard.press("Escape")
    desk.keyboard.press("r")
    expect(desk.locator("#body")).to_be_focused()
    expect(desk.locator("#body")).to_have_value("")
    expect(desk.locator("#note")).to_have_value("They forgot the password again")


def test_sending_and_taking_it_back(desk: Page, world: World) -> None:
    desk.keyboard.press("r")
    desk.keyboard.type("New rollers tomorrow.")
    desk.locator("#c-min").fill("1:10")
    desk.locator("#c-st").select_option("waiting_client")
    desk.get_by_role("button", name="Copy to…").click()
    desk.get_by_label("Ben Harbour").check()
    expect(desk.locator("[data-recipients]")).to_have_text("Send to Anna Harbour and Ben Harbour")
    desk.keyboard.press("Escape")
    desk.locator("#body").press("Control+Enter")
    toast = desk.locator(".toast", has_text="Sent to Anna Harbour, Ben Harbour. 70 min logged.")
    expect(toast).to_be_visible()
    expect(desk.locator(".msg.us")).to_contain_text("New rollers tomorrow.")
    expect(desk.locator("#body")).to_have_value("")
    toast.get_by_role("button", name="Undo").click()
    expect(desk.locator("#body")).to_have_value("New rollers tomorrow.")
    expect(desk.locator("#c-min")).to_have_value("70")
    expect(desk.locator(".msg.us")).to_have_count(0)
    with enter(world.north.scope()):
        assert (Ticket.objects.get().status, TimeEntry.objects.count()) == ("new", 0)


def test_an_error_keeps_the_words_and_the_page(desk: Page) -> None:
    desk.locator("#body").fill("Half an answer")
    desk.locator("#c-min").fill("ages")
    desk.get_by_role("button", name="Send to").click()
    expect(desk.locator(".composer .err", has_text="Write minutes")).to_be_visible()
    expect(desk.locator("#body")).to_have_value("Half an answer")


def test_a_property_saves_at_once_and_half_typed_words_stay(desk: Page) -> None:
    desk.locator("#body").fill("Half an answer")
    desk.locator("#body").blur()
    desk.keyboard.press("s")
    desk.get_by_role("button", name="In progress").click()
    expect(desk.locator("[popovertarget=status-pop]")).to_have_text(re.compile("In progress"))
    expect(desk.locator("#body")).to_have_value("Half an answer")
    desk.locator(".toast").get_by_role("button", name="Undo").click()
    expect(desk.locator("[popovertarget=status-pop]")).to_have_text(re.compile("New"))


def test_news_arrives_beside_half_typed_words(desk: Page, world: World) -> None:
    desk.locator("#body").fill("Half an answer")
    owner = world.north.staff["owner"]
    with enter(world.north.scope()):
        actions.add_note(
            actor=owner.as_actor(), now=timezone.now(), ticket=Ticket.objects.get(), author=owner, body="I am on it too"
        )
    desk.evaluate(POLL, "turns")
    expect(desk.locator(".msg.note")).to_contain_text("I am on it too")
    expect(desk.locator("#body")).to_have_value("Half an answer")
    expect(desk.locator("#body")).to_be_focused()
    with desk.expect_response("**/thread/?seen=*") as second:
        desk.evaluate(POLL, "turns")
    assert second.value.status == 204


def test_time_by_keyboard_and_the_clock_in_the_bar(desk: Page, world: World) -> None:
    desk.keyboard.press("t")
    desk.locator("#log-pop").get_by_role("button", name="15", exact=True).click()
    expect(desk.locator("#log-pop-m")).to_have_value("15")
    desk.locator("#log-pop-n").fill("Rollers")
    desk.locator("#log-pop-n").press("Enter")
    expect(desk.locator(".toast", has_text="15 min logged on #1.")).to_be_visible()
    desk.get_by_role("button", name="Start timer").click()
    expect(desk.locator(".timer-chip output")).to_have_text(re.compile(r"0:00:0\d"))
    desk.goto("/tickets/?view=team")
    expect(desk.locator(".timer-chip")).to_contain_text("#1")
    with enter(world.north.scope()):
        assert TimeEntry.objects.values_list("minutes", "note").get() == (15, "Rollers")


def test_the_list_by_keyboard_picks_and_refreshes(visitor: Visitor, world: World) -> None:
    north = world.north
    for subject in ("First", "Second"):
        make_ticket(north, subject=subject)
    page = visitor(north.staff["dispatcher"])
    page.goto("/tickets/?view=unassigned")
    expect(page.locator(".selbar")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("1")
    make_ticket(north, subject="Third")
    page.evaluate(POLL, "queue")  # waits while a row is picked
    page.locator("#bulk-do").select_option(label="Technician Northgate")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator(".toast", has_text="1 ticket changed.")).to_be_visible()
    expect(page.locator("#queue tbody tr")).to_have_count(2)
    make_ticket(north, subject="Fourth")
    page.evaluate(POLL, "queue")
    expect(page.locator("#queue tbody tr")).to_have_count(3)
    expect(page.locator(".tabs a", has_text="Unassigned")).to_contain_text("3")


def test_a_client_is_found_while_typing(visitor: Visitor, world: World) -> None:
    page = visitor(world.north.staff["technician"])
    page.goto("/tickets/")
    page.keyboard.press("c")
    page.locator("#cq").press_sequentially("orch")
    expect(page.locator("#client-choices a")).to_have_count(1)
    page.get_by_role("link", name="Orchard Northgate").click()
    page.get_by_label("Subject").fill("No sound")
    page.get_by_label("What is wrong").fill("Since this morning")
    page.get_by_label("Contact").select_option(label="Ben Orchard")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.get_by_role("heading", name="No sound")).to_be_visible()
    with enter(world.north.scope()):
        assert Message.objects.get().body == "Since this morning"


def test_a_client_says_that_it_works(visitor: Visitor, world: World) -> None:
    north = world.north
    ticket = make_ticket(north)
    actor = north.staff["technician"].as_actor()
    with enter(north.scope()):
        actions.change_status(actor=actor, now=timezone.now(), ticket=ticket, status="solved")
        anna = north.one.anna.membership
    assert anna is not None
    page = visitor(anna)
    page.goto("/portal/")
    page.get_by_role("button", name="It works").click()
    expect(page.locator(".toast", has_text="Thank you for telling us.")).to_be_visible()
    expect(page.get_by_role("button", name="It works")).to_have_count(0)


def test_a_second_press_waits_for_the_first_and_a_lost_one_can_be_tried_again(desk: Page, world: World) -> None:
    tries: list[Route] = []
    desk.route("**/tickets/1/write/", lambda route: tries.append(route))  # noqa: PLW0108  Playwright marks what it is given
    desk.locator("#body").fill("On it.")
    send = desk.get_by_role("button", name="Send to")
    send.click()
    expect(send).to_have_attribute("aria-disabled", "true")
    desk.locator("#body").press("Control+Enter")
    assert len(tries) == 1
    tries[0].abort()
    expect(send).not_to_have_attribute("aria-disabled", "true")
    desk.unroute("**/tickets/1/write/")
    send.click()
    expect(desk.locator(".msg.us")).to_contain_text("On it.")
    with enter(world.north.scope()):
        assert Message.objects.filter(body="On it.").count() == 1
