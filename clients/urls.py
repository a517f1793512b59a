from __future__ import annotations

from django.urls import include, path

from . import api, portal
from .views import calendars, clients, complaints, keeping, notes, parts, portal_access, promises, rota

app_name = "clients"
staff_routes = [
    path("", clients.client_page_list, name="list"),
    path("new/", clients.create_client, name="create"),
    path("<slug:client_slug>/", clients.client_detail, name="detail"),
    path("<slug:client_slug>/edit/", clients.edit_client, name="edit"),
    path("<slug:client_slug>/archive/", clients.archive_client, name="archive"),
    path("<slug:client_slug>/restore/", clients.restore_client, name="restore"),
    path("<slug:client_slug>/notes/new/", notes.create_note, name="create-note"),
    path("<slug:client_slug>/notes/<uuid:note_id>/edit/", notes.edit_note, name="edit-note"),
    path("<slug:client_slug>/notes/<uuid:note_id>/pin/", notes.pin_note, name="pin-note"),
    path("<slug:client_slug>/notes/<uuid:note_id>/archive/", notes.archive_note, name="archive-note"),
    path("<slug:client_slug>/notes/<uuid:note_id>/restore/", notes.restore_note, name="restore-note"),
    path("<slug:client_slug>/people/<uuid:contact_id>/portal/", portal_access.portal_access, name="portal-access"),
    path("<slug:client_slug>/people/<uuid:contact_id>/portal/end/", portal_access.end, name="end-portal-access"),
    path(
        "<slug:client_slug>/people/<uuid:contact_id>/portal/withdraw/",
        portal_access.withdraw,
        name="withdraw-portal-invitation",
    ),
    path("<slug:client_slug>/promises/", promises.client_promises, name="client-promises"),
    path("<slug:client_slug>/promises/new/", keeping.create, name="create-promise"),
    *(route for part in parts.PARTS for route in parts.routes(part)),
]
calendar_routes = [
    path("", calendars.calendar_list, name="calendars"),
    path("new/", calendars.create_calendar, name="create-calendar"),
    path("preview/", calendars.preview_calendar, name="preview-calendar"),
    path("<uuid:service_calendar_id>/", calendars.edit_calendar, name="edit-calendar"),
    path("<uuid:service_calendar_id>/days/", calendars.set_own_day, name="set-own-day"),
    path("<uuid:service_calendar_id>/days/remove/", calendars.remove_own_day, name="remove-own-day"),
    path("<uuid:service_calendar_id>/default/", calendars.make_default, name="make-default-calendar"),
    path("<uuid:service_calendar_id>/archive/", calendars.archive_calendar, name="archive-calendar"),
]
rota_routes = [
    path("", rota.rota_page, name="rota"),
    path("plan/", rota.plan_rota, name="plan-rota"),
    path("shifts/new/", rota.add_shift, name="add-shift"),
    path("shifts/<uuid:on_call_shift_id>/remove/", rota.remove_shift, name="remove-shift"),
    path("shifts/<uuid:on_call_shift_id>/offer/", rota.offer_shift, name="offer-shift"),
    path("shifts/<uuid:on_call_shift_id>/answer/", rota.answer_offer, name="answer-offer"),
    path("shifts/<uuid:on_call_shift_id>/keep/", rota.withdraw_offer, name="withdraw-offer"),
    path("leave/new/", rota.plan_leave, name="plan-leave"),
    path("leave/<uuid:leave_id>/cancel/", rota.cancel_leave, name="cancel-leave"),
]
promise_routes = [
    path("", promises.promise_page, name="promises"),
    path("export/", promises.export_promises, name="export-promises"),
    path("kept-rate/", promises.kept_rate_page, name="kept-rate"),
    path("<uuid:promise_id>/", keeping.promise_detail, name="promise"),
    path("<uuid:promise_id>/working/", promises.promise_working, name="promise-working"),
    path("<uuid:promise_id>/keep/", keeping.keep, name="keep-promise"),
    path("<uuid:promise_id>/reopen/", keeping.reopen, name="reopen-promise"),
    path("<uuid:promise_id>/move/", keeping.move, name="move-promise"),
    path("<uuid:promise_id>/cancel/", keeping.cancel, name="cancel-promise"),
    path("<uuid:promise_id>/reassign/", keeping.reassign, name="reassign-promise"),
    path("<uuid:promise_id>/explain/", keeping.explain, name="explain-promise"),
]
urlpatterns = [
    path("api/v1/", include(api.routes)),
    path("settings/calendars/", include(calendar_routes)),
    path("rota/", include(rota_routes)),
    path("promises/", include(promise_routes)),
    path("clients/", include(staff_routes)),
    path("complaints/", complaints.complaint_list, name="complaints"),
    path("complaints/<uuid:complaint_id>/answer/", complaints.answer, name="answer-complaint"),
    path("portal/private/", portal.private, name="portal-private"),
    path("portal/people/<uuid:contact_id>/", portal.person, name="portal-person"),
    path("portal/people/<uuid:contact_id>/end/", portal.end_access, name="portal-end-access"),
    path("portal/people/", portal.people, name="portal-people"),
]
