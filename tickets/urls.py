from __future__ import annotations

from django.urls import path

from . import portal
from .views import attachments, properties, queues, tickets, time, timers, today, together, undo, writing

app_name = "tickets"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("time/", time.my_time, name="time"),
    path("timer/pause/", timers.pause, name="pause-timer"),
    path("timer/stop/", timers.stop, name="stop-timer"),
    path("tickets/", queues.ticket_list, name="list"),
    path("tickets/bulk/", queues.bulk, name="bulk"),
    path("tickets/export/", queues.export, name="export"),
    path("tickets/clients/", queues.client_names, name="client-names"),
    path("tickets/new/", tickets.create, name="create"),
    path("tickets/similar/", together.similar, name="similar"),
    path("tickets/recurring/", together.recurring, name="recurring"),
    path("tickets/of/<slug:client_slug>/", queues.client_panel, name="client-panel"),
    path("tickets/<int:ticket_number>/", tickets.detail, name="detail"),
    path("tickets/<int:ticket_number>/thread/", tickets.thread, name="thread"),
    path("tickets/<int:ticket_number>/write/", writing.write, name="write"),
    path("tickets/<int:ticket_number>/files/<uuid:attachment_id>/", attachments.attachment, name="attachment"),
    path("tickets/<int:ticket_number>/files/<uuid:attachment_id>/small/", attachments.thumbnail, name="thumbnail"),
    path("tickets/<int:ticket_number>/files/<uuid:attachment_id>/drop/", attachments.drop, name="drop-attachment"),
    path("tickets/<int:ticket_number>/status/", properties.change_status, name="status"),
    path("tickets/<int:ticket_number>/assignee/", properties.assign, name="assign"),
    path("tickets/<int:ticket_number>/priority/", properties.change_priority, name="priority"),
    path("tickets/<int:ticket_number>/about/", properties.change_about, name="about"),
    path("tickets/<int:ticket_number>/subject/", properties.rewrite_subject, name="subject"),
    path("tickets/<int:ticket_number>/summary/", properties.rewrite_summary, name="summary"),
    path("tickets/<int:ticket_number>/undo/", undo.undo, name="undo"),
    path("tickets/<int:ticket_number>/timer/", timers.start, name="start-timer"),
    path("tickets/<int:ticket_number>/time/", time.log, name="log-time"),
    path("tickets/<int:ticket_number>/time/<uuid:time_entry_id>/", time.edit, name="edit-time"),
    path("tickets/<int:ticket_number>/time/<uuid:time_entry_id>/delete/", time.delete, name="delete-time"),
    path("tickets/<int:ticket_number>/presence/", together.presence, name="presence"),
    path("tickets/<int:ticket_number>/merge/", together.merge, name="merge"),
    path("tickets/<int:ticket_number>/unmerge/", together.unmerge, name="unmerge"),
    path("tickets/<int:ticket_number>/children/", together.children, name="children"),
    path("tickets/<int:ticket_number>/children/answer/", together.answer_children, name="answer-children"),
    path("tickets/<int:ticket_number>/children/leave/", together.remove_child, name="remove-child"),
    path("portal/requests/", portal.request_list, name="portal-list"),
    path("portal/requests/new/", portal.create, name="portal-create"),
    path("portal/requests/<int:ticket_number>/", portal.detail, name="portal-detail"),
    path("portal/requests/<int:ticket_number>/reply/", portal.reply, name="portal-reply"),
    path(
        "portal/requests/<int:ticket_number>/files/<uuid:attachment_id>/", portal.attachment, name="portal-attachment"
    ),
    path(
        "portal/requests/<int:ticket_number>/files/<uuid:attachment_id>/small/",
        portal.thumbnail,
        name="portal-thumbnail",
    ),
    path("portal/requests/<int:ticket_number>/confirm/", portal.confirm, name="portal-confirm"),
]
