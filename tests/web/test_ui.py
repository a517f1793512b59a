"""The tags and filters pages are written with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation

from msp.web.templatetags import ui

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        ("1046.5", "GBP", "en", "£1,046.50"),
        ("1046.5", "EUR", "de", "1.046,50\xa0€"),
        ("1046.5", "JPY", "en", "JP¥1,046"),
        ("-3", "GBP", "en", "-£3.00"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(amount: str, currency: str, language: str, written: str) -> None:
    with translation.override(language):
        assert ui.money(Decimal(amount), currency) == written


def test_minor_units_follow_the_currency() -> None:
    assert ui.minor(Decimal("10.50"), "GBP") == 1050
    assert ui.minor(Decimal("1050"), "JPY") == 1050


def test_minutes_read_as_hours_and_minutes() -> None:
    assert [ui.minutes(value) for value in (0, 15, 60, 725, -5, None)] == ["0:00", "0:15", "1:00", "12:05", "-0:05", ""]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "Today 12:00"),
        (-24, "Yesterday 12:00"),
        (24, "Tomorrow 12:00"),
        (-72, "Fri 12:00"),
        (-240, "13 Nov 12:00"),
        (-24 * 400, "19 Oct 2025 12:00"),
    ],
)
def test_when_says_a_moment_as_people_do(hours: int, said: str) -> None:
    assert f">{said}</time>" in ui.when(NOON + timedelta(hours=hours))


def test_when_uses_the_zone_of_the_page() -> None:
    with timezone.override("America/New_York"):
        written = ui.when(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
    assert "Yesterday 22:00" in written
    assert 'title="Sunday 22 November 2026 22:00 EST"' in written or "22:00 EST" in written


def test_days_leave_out_the_year_we_are_in() -> None:
    assert ui.day(date(2026, 11, 5)) == "5 Nov"
    assert ui.day(date(2025, 11, 5)) == "5 Nov 2025"
    assert ui.long_day(date(2026, 11, 23)) in {"Monday 23 November 2026", "Monday, 23 November 2026"}


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (102, "1 h 42 m"), (2880, "2 d 0 h"), (3060, "2 d 3 h")],
)
def test_spans_read_in_two_units(minutes: int, said: str) -> None:
    assert ui.span(timedelta(minutes=minutes)) == said


def test_a_clock_knows_its_state() -> None:
    assert 'data-state="late"' in ui.clock(NOON - timedelta(minutes=14))
    assert "14 min over" in ui.clock(NOON - timedelta(minutes=14))
    assert 'data-state="soon"' in ui.clock(NOON + timedelta(minutes=12))
    assert 'data-state="ok"' in ui.clock(NOON + timedelta(minutes=12), warn=60)
    assert "data-due" not in ui.clock(NOON, paused="Waiting on <client>")
    assert "Waiting on &lt;client&gt;" in ui.clock(NOON, paused="Waiting on <client>")


def test_an_avatar_is_escaped_and_steady() -> None:
    assert ">AP<" in ui.avatar("Anita Maria Patel")
    assert "&lt;P<" in ui.avatar("<b> Patel")
    assert ui.avatar("Tom Whitfield") == ui.avatar("Tom Whitfield")


class Entry(forms.Form):
    minutes = forms.IntegerField(label="Minutes", help_text="Whole minutes.", min_value=1)
    place = forms.ChoiceField(label="Where", choices=[("a", "Here"), ("b", "There")], widget=forms.RadioSelect)
    again = forms.BooleanField(label="Again", required=False)


def written(source: str, form: forms.Form) -> str:
    return Template(source).render(Context({"form": form}))


def test_a_field_ties_label_hint_and_error_to_its_control() -> None:
    html = written("{% field form.minutes autocomplete='off' %}", Entry({"minutes": "ninety"}))
    assert '<label for="id_minutes">Minutes</label>' in html
    assert 'aria-describedby="id_minutes_helptext id_minutes_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="ninety"' in html
    assert 'type="text"' in html  # a number input would have thrown the word away
    assert 'inputmode="numeric"' in html
    assert 'autocomplete="off"' in html
    assert 'id="id_minutes_error"' in html


def test_choices_stand_in_a_fieldset_and_boxes_before_their_label() -> None:
    html = written("{% fields form %}", Entry())
    assert "<fieldset" in html
    assert "<legend" in html
    assert 'class="check"' in html


def test_a_form_with_several_mistakes_lists_them_with_links() -> None:
    html = written("{% form_errors form %}", Entry({}))
    assert '<a href="#id_minutes">Minutes</a>' in html
    assert html.count("<li>") == 2
    assert written("{% form_errors form %}", Entry({"minutes": "x", "place": "a"})).strip() == ""


def test_script_sentences_cannot_end_their_element() -> None:
    with translation.override("en"):
        assert "</script>" not in ui.words().removesuffix("</script>")
