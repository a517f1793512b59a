from __future__ import annotations

from django.urls import path

from . import portal, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("brand.css", views.brand, name="brand"),
    path("certificates/ask", views.certificate, name="certificate"),
    path("search/", views.search, name="search"),
    path("search/palette", views.palette, name="palette"),
    path("portal/", portal.home, name="portal"),
]
