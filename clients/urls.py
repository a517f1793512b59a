from __future__ import annotations

from django.urls import path

from .views import clients, notes, parts

app_name = "clients"
urlpatterns = [
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
    *(route for part in parts.PARTS for route in parts.routes(part)),
]
