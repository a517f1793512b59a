from __future__ import annotations

from django.urls import path

from . import views

app_name = "notify"
urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/read/", views.read_all, name="read-all"),
    path("notifications/mail/", views.choose_mail, name="choose-mail"),
    path("notifications/<uuid:notification_id>/read/", views.read, name="read"),
    path("pager/", views.pager, name="pager"),
]
