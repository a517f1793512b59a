from __future__ import annotations

from django.urls import path

from .views import hooks, outgoing

app_name = "mail"
urlpatterns = [
    path("mail/", outgoing.mail_list, name="outbox"),
    path("mail/sign-in/", outgoing.sign_in_list, name="sign-in"),
    path("mail/sign-in/<uuid:sign_in_mail_id>/", outgoing.sign_in_detail, name="sign-in-message"),
    path("mail/<uuid:mail_id>/", outgoing.mail_detail, name="message"),
    path("mail/<uuid:mail_id>/html", outgoing.mail_html, name="html"),
    path("mail/<uuid:mail_id>/files/<uuid:file_id>/", outgoing.mail_file, name="file"),
    path("mail/<uuid:mail_id>/send-again", outgoing.send_again, name="send-again"),
    path("mail/<uuid:mail_id>/mark-as-sent", outgoing.mark_as_sent, name="mark-as-sent"),
    path("mail/<uuid:mail_id>/cancel", outgoing.cancel, name="cancel"),
    path("hooks/mail/<str:mail_token>", hooks.take_mail, name="hook"),
    path("settings/mail/", outgoing.settings, name="settings"),
    path("settings/mail/test", outgoing.send_test, name="test"),
]
