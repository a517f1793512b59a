from __future__ import annotations

from django.urls import path

from . import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.shop_log, name="log"),
    path("audit/<str:subject_kind>/<uuid:subject_id>/", views.panel, name="panel"),
]
