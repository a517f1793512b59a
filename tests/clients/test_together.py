"""Two people who change one record: the second is told, and nothing that either typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client as Browser

from clients.models import Contact
from msp.tenancy.context import enter
from tests.world import World


def values_of(browser: Browser, path: str) -> dict[str, str]:
    """What a browser would send of the form on a page, untouched."""
    page = browser.get(path).content.decode()
    form = page[page.index("<main") :]
    found = dict(
        re.findall(r'<input(?=[^>]* name="(\w+)")(?=[^>]* value="([^"]*)")(?![^>]*type="checkbox")[^>]*>', form)
    )
    for name, inner in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in found.items()}


@pytest.mark.parametrize(
    ("path", "first", "second", "says"),
    [
        ("/clients/harbour-north/edit/", {"phone": "0191 498 0001"}, {"trade": "Dentist"}, "Phone: +44 191 498 0001"),
        (
            "/billing/clients/harbour-north/terms/",
            {"po_number": "PO 1"},
            {"billing_name": "X"},
            "Purchase order number: PO 1",
        ),
        (
            "/settings/billing/",
            {"footer": "Thanks", "hourly_rate": "90", "tax_rate": "20"},
            {"hourly_rate": "91", "tax_rate": "20"},
            "Thanks",
        ),
    ],
)
def test_the_second_to_save_is_told(
    world: World, path: str, first: dict[str, str], second: dict[str, str], says: str
) -> None:
    olivia, tom = world.north.browser("owner"), world.north.browser("owner")
    hers, his = values_of(olivia, path), values_of(tom, path)
    assert olivia.post(path, hers | first).status_code == 302
    answer = tom.post(path, his | second)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Somebody changed this while you were writing." in page
    assert says in page
    typed = next(iter(second.values()))
    assert f'value="{typed}"' in page or f">{typed}<" in page
    mark = re.search(r'name="mark" value="(\w+)"', page)
    assert mark is not None
    assert tom.post(path, his | second | {"mark": mark[1]}).status_code == 302  # knowing that
    assert tom.post(path, his | second).status_code == 302  # the same once more changes nothing


def test_a_contact_changed_by_two(world: World) -> None:
    north, one = world.north, world.north.one
    path = f"/clients/harbour-north/people/{one.anna.pk}/edit/"
    browser = north.browser("technician")
    shown = values_of(browser, path)
    with enter(north.scope()):
        Contact.objects.filter(pk=one.anna.pk).update(job_title="Director")
    assert browser.post(path, shown | {"name": "Anne"}).status_code == 409
    with enter(north.scope()):
        assert Contact.objects.get(pk=one.anna.pk).name == one.anna.name
