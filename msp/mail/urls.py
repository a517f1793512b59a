from __future__ import annotations

from django.urls import path

from .views import hooks, mailboxes, outgoing, tray

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
    path("mail/in/", tray.tray_list, name="tray"),
    path("mail/in/<uuid:inbound_message_id>/", tray.tray_detail, name="tray-message"),
    path("mail/in/<uuid:inbound_message_id>/html", tray.tray_html, name="tray-html"),
    path("mail/in/<uuid:inbound_message_id>/raw", tray.tray_raw, name="tray-raw"),
    path("mail/in/<uuid:inbound_message_id>/files/<uuid:inbound_part_id>/", tray.tray_part, name="tray-file"),
    path("mail/in/<uuid:inbound_message_id>/retry", tray.tray_retry, name="tray-retry"),
    path("mail/in/<uuid:inbound_message_id>/ignore", tray.tray_ignore, name="tray-ignore"),
    path("settings/mailboxes/", mailboxes.mailbox_list, name="mailboxes"),
    path("settings/mailboxes/new/<str:kind>/", mailboxes.add, name="mailbox-new"),
    path("settings/mailboxes/<uuid:mailbox_id>/", mailboxes.change, name="mailbox"),
    path("settings/mailboxes/<uuid:mailbox_id>/state", mailboxes.state, name="mailbox-state"),
    path("settings/mailboxes/<uuid:mailbox_id>/try", mailboxes.try_now, name="mailbox-try"),
    path("settings/mailboxes/<uuid:mailbox_id>/hook", mailboxes.renew_hook, name="mailbox-hook"),
    path("hooks/mail/<str:mail_token>", hooks.take_mail, name="hook"),
    path("settings/mail/", outgoing.settings, name="settings"),
    path("settings/mail/test", outgoing.send_test, name="test"),
]
