from __future__ import annotations

from django.urls import path

from . import views

app_name = "mail"
urlpatterns = [
    path("mail/", views.mail_list, name="outbox"),
    path("mail/sign-in/", views.sign_in_list, name="sign-in"),
    path("mail/sign-in/<uuid:sign_in_mail_id>/", views.sign_in_detail, name="sign-in-message"),
    path("mail/<uuid:mail_id>/", views.mail_detail, name="message"),
    path("mail/<uuid:mail_id>/html", views.mail_html, name="html"),
    path("mail/<uuid:mail_id>/files/<uuid:file_id>/", views.mail_file, name="file"),
    path("mail/<uuid:mail_id>/send-again", views.send_again, name="send-again"),
    path("mail/<uuid:mail_id>/mark-as-sent", views.mark_as_sent, name="mark-as-sent"),
    path("mail/<uuid:mail_id>/cancel", views.cancel, name="cancel"),
    path("settings/mail/", views.settings, name="settings"),
    path("settings/mail/test", views.send_test, name="test"),
]
