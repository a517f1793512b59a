"""What the scripts do, tried on the page that shows every component (tests/web/gallery.py)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from msp.accounts.models import User
from tests.world import World

from .conftest import Visitor
from .stage import set_the_stage


@pytest.fixture
def gallery(visitor: Visitor, world: World, settings: Any) -> Page:
    settings.ROOT_URLCONF = "tests.web.gallery"
    page = visitor(world.north.staff["technician"])
    page.goto("/gallery/")
    page.wait_for_load_state("networkidle")
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_422_answer_is_swapped_where_the_form_says(gallery: Page) -> None:
    gallery.click("form[hx-post='/gallery/time/'] button")
    expect(gallery.locator("#live .err")).to_have_text("Write minutes as a number.")


def test_a_message_becomes_a_toast_whose_undo_posts(gallery: Page) -> None:
    gallery.fill("#lv", "90")
    gallery.click("form[hx-post='/gallery/time/'] button")
    expect(gallery.locator(".toast span")).to_have_text("90 min logged.")
    gallery.click(".toast button:has-text('Undo')")
    expect(gallery.locator(".toast span")).to_have_text("Undone.")


@pytest.mark.parametrize(
    ("button", "words"), [("#boom", "Something broke on our side"), ("#missing", "There is nothing here")]
)
def test_an_error_is_said_aloud_and_nothing_is_swapped(gallery: Page, button: str, words: str) -> None:
    gallery.evaluate("document.querySelector('#live').textContent = 'what was there'")
    gallery.click(button)
    expect(gallery.locator(".toast.error span")).to_contain_text(words)
    expect(gallery.locator("#live")).to_have_text("what was there")


def test_no_connection_is_said_aloud(gallery: Page) -> None:
    gallery.context.set_offline(True)
    gallery.click("#boom")
    expect(gallery.locator(".toast.error span")).to_contain_text("No connection")


def test_a_redirect_changes_the_page_and_the_message_arrives_there(gallery: Page) -> None:
    with gallery.expect_navigation():
        gallery.click("#leave")
    expect(gallery.locator(".toast span")).to_have_text("Moved along.")


def test_a_refresh_keeps_focus_and_half_typed_text(gallery: Page) -> None:
    gallery.focus("#keep")
    gallery.keyboard.type("half a sent")
    gallery.evaluate("document.querySelector('#poll').dispatchEvent(new Event('refresh'))")
    expect(gallery.locator("#fresh")).to_be_visible()
    gallery.keyboard.type("ence")
    assert focused(gallery) == "keep"
    assert gallery.input_value("#keep") == "half a sentence"
    gallery.click("#fresh")  # htmx attributes inside what was morphed in work too (htmx #3606)
    expect(gallery.locator("#fresh")).to_have_text("It works")


def test_j_and_k_walk_the_rows_and_row_keys_act_on_the_row(gallery: Page) -> None:
    gallery.keyboard.press("j")
    gallery.keyboard.press("j")
    gallery.keyboard.press("k")
    expect(gallery.locator(".is-focus")).to_have_id("t4181")
    gallery.keyboard.press("t")
    expect(gallery.locator(".toast span")).to_have_text("15 min logged.")


def test_single_keys_can_be_switched_off_on_this_device(gallery: Page) -> None:
    gallery.keyboard.press("?")
    gallery.uncheck("#keys-on")
    gallery.keyboard.press("Escape")
    gallery.reload()
    gallery.wait_for_load_state("networkidle")
    gallery.keyboard.press("j")
    assert gallery.locator(".is-focus").count() == 0
    gallery.keyboard.press("Control+k")  # chords with Ctrl stay
    expect(gallery.locator("#palette")).to_be_visible()


def test_slash_goes_to_the_filter_and_escape_leaves_it(gallery: Page) -> None:
    gallery.keyboard.press("/")
    assert focused(gallery) == "filter"
    gallery.keyboard.type("jjj")
    gallery.keyboard.press("Escape")
    assert focused(gallery) == ""


def test_a_note_never_travels_into_the_reply(gallery: Page) -> None:
    gallery.keyboard.press("n")
    assert focused(gallery) == "note"
    expect(gallery.locator(".composer .btn-primary")).to_be_hidden()
    expect(gallery.locator(".composer .send .btn-note")).to_be_visible()
    gallery.keyboard.type("Port 3 is dead.")
    gallery.keyboard.press("Escape")
    gallery.keyboard.press("r")
    assert gallery.input_value("#body") == ""
    gallery.keyboard.type("@maya can you check, don't tell them yet")
    gallery.click("[data-guard] button")
    assert gallery.input_value("#body") == ""
    assert gallery.input_value("#note") == "Port 3 is dead.\n\n@maya can you check, don't tell them yet"
    assert gallery.is_checked("#m-note")


def test_a_draft_survives_leaving_and_ends_with_signing_out(gallery: Page) -> None:
    gallery.fill("#body", "Half a thought")
    gallery.goto("/search/")
    gallery.goto("/gallery/")
    expect(gallery.locator("#body")).to_have_value("Half a thought")
    gallery.click(".me")
    gallery.click("#me-pop [data-signs-out] button")
    gallery.wait_for_url("**/account/login/**")
    assert drafts(gallery) == []


def drafts(page: Page) -> list[str]:
    kept: list[str] = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))")
    return kept


def test_a_draft_ends_when_the_form_has_arrived(gallery: Page) -> None:
    gallery.fill("#body", "A whole thought")
    assert len(drafts(gallery)) == 1
    with gallery.expect_navigation():
        gallery.click(".composer .btn-primary")
    expect(gallery.locator("#body")).to_have_value("")
    assert drafts(gallery) == []


def test_a_draft_stays_when_the_answer_asks_for_another_look(gallery: Page) -> None:
    gallery.fill("#body", "A whole thought")
    gallery.evaluate("document.querySelector('.composer').action = '/gallery/'")  # it answers with fields in error
    with gallery.expect_navigation():
        gallery.click(".composer .btn-primary")
    expect(gallery.locator("#body")).to_have_value("A whole thought")


def test_a_draft_stays_when_a_toast_refuses_it(gallery: Page) -> None:
    gallery.goto("/gallery/?fine")
    gallery.fill("#body", "A whole thought")
    gallery.evaluate("document.querySelector('.composer').action = '/gallery/refuse/'")
    with gallery.expect_navigation():
        gallery.click(".composer .btn-primary")
    expect(gallery.locator("#body")).to_have_value("A whole thought")


def test_picked_rows_are_added_up(gallery: Page) -> None:
    expect(gallery.locator("[data-sum]")).to_have_text("£5,232.50")
    gallery.uncheck("#inv4181 input")
    expect(gallery.locator("[data-sum]")).to_have_text("£4,186.00")
    gallery.uncheck("[data-all]")
    expect(gallery.locator("[data-needs-pick]")).to_be_disabled()


def test_the_timer_counts(gallery: Page) -> None:
    before = gallery.inner_text(".timer-big output")
    expect(gallery.locator(".timer-big output")).not_to_have_text(before)


def test_the_theme_switch_is_one_attribute_and_is_remembered(gallery: Page) -> None:
    gallery.click(".me")
    gallery.click("#me-pop [data-do=theme]")
    gallery.reload()
    assert gallery.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_new_choice_in_the_profile_ends_the_device_s_own(gallery: Page, world: World) -> None:
    gallery.click(".me")
    gallery.click("#me-pop [data-do=theme]")
    User.objects.filter(pk=world.north.staff["technician"].user_id).update(theme="light")
    gallery.reload()
    assert gallery.evaluate("document.documentElement.dataset.theme") == "light"


def test_compact_rows_are_one_line(gallery: Page) -> None:
    roomy = gallery.evaluate("document.querySelector('#rows tr').offsetHeight")
    gallery.click(".me")
    gallery.click("#me-pop [data-do=density]")
    assert gallery.evaluate("document.querySelector('#rows tr').offsetHeight") < min(roomy, 40)


def test_the_palette_finds_commands_and_closes(gallery: Page) -> None:
    gallery.keyboard.press("Control+k")
    gallery.keyboard.type("light dark")
    expect(gallery.locator("#palette-list [aria-selected=true]")).to_have_text("Switch light or dark")
    gallery.keyboard.press("Enter")
    assert gallery.evaluate("document.documentElement.dataset.theme") == "dark"
    gallery.keyboard.press("Control+k")
    gallery.keyboard.type("no such thing at all")
    expect(gallery.locator("#palette-status")).to_contain_text("Nothing found")


def test_pages_work_without_javascript(visitor: Visitor, world: World) -> None:
    page = visitor(world.north.staff["technician"], java_script_enabled=False)
    page.goto("/search/")
    page.fill("#q", "harbour")
    page.click("form.toolbar button")
    assert page.url.endswith("/search/?q=harbour")
    page.click("a.seek")
    assert page.url.endswith("/search/")


def test_the_palette_finds_a_ticket_and_a_chord_opens_a_page(visitor: Visitor, world: World) -> None:
    set_the_stage(world.north)
    page = visitor(world.north.staff["technician"])
    page.goto("/search/")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("scanner fold")
    found = page.locator("#palette-list [role=option]", has_text="Scanner saves to the wrong folder")
    expect(found).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/*/")
    expect(page.locator("h1").first).to_contain_text("Scanner saves to the wrong folder")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/today/")
