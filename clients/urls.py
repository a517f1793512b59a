from __future__ import annotations

from django.urls import include, path

from . import portal
from .views import clients, notes, parts, portal_access

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
    path("<slug:client_slug>/people/<uuid:contact_id>/portal/", portal_access.portal_access, name="portal-access"),
    path("<slug:client_slug>/people/<uuid:contact_id>/portal/end/", portal_access.end, name="end-portal-access"),
    *(route for part in parts.PARTS for route in parts.routes(part)),
]
urlpatterns = [
    path("clients/", include(staff_routes)),
    path("portal/people/", portal.people, name="portal-people"),
]
