"""Routes as nobody should write them, for test_plants.py."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from clients.models import Client
from msp.accounts.choices import Capability
from msp.accounts.doors import public, signed_in, staff
from msp.accounts.requests import StaffRequest
from msp.jobs.models import Job
from msp.jobs.rules import Ended, Outcome, Plain
from msp.tenancy.context import enter, system_scope
from msp.tenancy.models import Tenant


def without_a_door(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@staff(Capability.CLIENTS_VIEW)
def tells_of_another_shop(request: StaffRequest) -> HttpResponse:
    return HttpResponse("Seen lately: LeakLow shop")


@staff(Capability.CLIENTS_VIEW)
def refuses_instead_of_not_finding(request: StaffRequest, client_slug: str) -> HttpResponse:
    if not Client.objects.filter(slug=client_slug).exists():
        raise PermissionDenied
    return HttpResponse()


@staff(Capability.CLIENTS_VIEW)
def answers_whatever_is_asked(request: StaffRequest, client_slug: str) -> HttpResponse:
    return HttpResponse()


@staff(Capability.CLIENTS_VIEW)
def breaks(request: StaffRequest) -> HttpResponse:
    raise ZeroDivisionError


@staff(Capability.CLIENTS_VIEW)
def writes_into_other_shops(request: StaffRequest) -> HttpResponse:
    for other in Tenant.objects.exclude(pk=request.membership.tenant_id):
        with enter(system_scope(other.pk)):
            Client.objects.update(trade="somebody was here")
    return HttpResponse()


@public("wrongly: it shows a shop's people to everybody")
def shows_staff_to_everybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse("leaknorth technician")


@public("wrongly: its address names a client, whose key is no secret")
def shows_a_client_to_everybody(request: HttpRequest, client_id: UUID) -> HttpResponse:
    return HttpResponse("leaknorth leakone")


@signed_in
def shows_everybodys_membership(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    return HttpResponse()


class Strays(Plain[Job]):
    """A job that writes into the shop that its payload names, and carries words home."""

    def act(self, row: Job, now: datetime) -> Outcome:
        with enter(system_scope(row.payload["tenant"])):
            told = str(Client.objects.order_by("pk").values_list("name", flat=True)[0])
            Client.objects.update(trade="somebody was here")
        row.result = {"told": told}
        row.save(update_fields=["result"])
        return Ended("done")


handler403, handler404 = "msp.web.errors.forbidden", "msp.web.errors.not_found"
urlpatterns = [
    path("planted/door", without_a_door, name="without-a-door"),
    path("planted/unknown/<uuid:nobody_knows>", tells_of_another_shop, name="unknown-name"),
    path("planted/leak", tells_of_another_shop, name="tells"),
    path("planted/refuses/<slug:client_slug>", refuses_instead_of_not_finding, name="refuses"),
    path("planted/answers/<slug:client_slug>", answers_whatever_is_asked, name="answers"),
    path("planted/breaks", breaks, name="breaks"),
    path("planted/writes", writes_into_other_shops, name="writes"),
    path("planted/public/<uuid:client_id>", shows_a_client_to_everybody, name="public-key"),
    path("planted/membership/<uuid:membership_id>", shows_everybodys_membership, name="membership"),
    path("planted/public", shows_staff_to_everybody, name="public"),
    path("", include("msp.urls")),
]
