from __future__ import annotations

from django.urls import path

from . import views

app_name = "webhooks"
_ONE = "settings/webhooks/<uuid:endpoint_id>/"
urlpatterns = [
    path("settings/webhooks/", views.endpoint_list, name="endpoints"),
    path("settings/webhooks/new/", views.add, name="new"),
    path(_ONE, views.endpoint, name="endpoint"),
    path(f"{_ONE}change/", views.change, name="change"),
    path(f"{_ONE}secret/", views.secret, name="secret"),
    path(f"{_ONE}secret/new", views.rotate, name="rotate"),
    path(f"{_ONE}secret/end-old", views.end_old, name="end-old"),
    path(f"{_ONE}test", views.test, name="test"),
    path(f"{_ONE}pause", views.pause, name="pause"),
    path(f"{_ONE}resume", views.resume, name="resume"),
    path(f"{_ONE}replay-failed", views.replay_failed, name="replay-failed"),
    path(f"{_ONE}delete", views.delete, name="delete"),
    path("settings/webhooks/deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("settings/webhooks/deliveries/<uuid:delivery_id>/replay", views.replay, name="replay"),
]
