"""Routes of queries about lines, reminders of payment and loyalty."""

from __future__ import annotations

from django.urls import path

from . import ladder, loyalty, queries, reminders

routes = [
    path("billing/queries/", queries.queries, name="queries"),
    path("billing/queries/export.csv", queries.export, name="queries-csv"),
    path("billing/queries/<uuid:line_query_id>/", queries.query, name="query"),
    path("billing/queries/<uuid:line_query_id>/answer/", queries.answer, name="answer-query"),
    path("billing/reminders/", reminders.today, name="reminders"),
    path("billing/reminders/sent/", reminders.sent, name="reminders-sent"),
    path("billing/reminders/sent/export.csv", reminders.export, name="reminders-csv"),
    path("billing/clients/<slug:client_slug>/care/", reminders.client_panel, name="care-panel"),
    path("billing/clients/<slug:client_slug>/reminder/", reminders.preview, name="reminder-preview"),
    path("billing/clients/<slug:client_slug>/reminder/pause/", reminders.pause, name="pause-reminders"),
    path("billing/clients/<slug:client_slug>/reminder/resume/", reminders.resume, name="resume-reminders"),
    path(
        "billing/invoices/<uuid:invoice_id>/reminders/<uuid:dunning_step_id>/skip/",
        reminders.skip,
        name="skip-reminder",
    ),
    path("billing/invoices/<uuid:invoice_id>/pay-promise/", reminders.pay_promise, name="pay-promise"),
    path("billing/pay-promises/<uuid:pay_promise_id>/end/", reminders.end_pay_promise, name="end-pay-promise"),
    path("billing/reminder-fees/<uuid:reminder_fee_id>/waive/", reminders.waive, name="waive-fee"),
    path("billing/loyalty/", loyalty.report, name="loyalty"),
    path("billing/loyalty/export.csv", loyalty.export, name="loyalty-csv"),
    path("billing/invoices/<uuid:invoice_id>/gift/", loyalty.give, name="give-gift"),
    path("billing/invoices/<uuid:invoice_id>/fees/", loyalty.fees, name="add-fees"),
    path("settings/billing/loyalty/", loyalty.settings, name="loyalty-settings"),
    path("settings/billing/loyalty/new/", loyalty.add, name="add-loyalty-rule"),
    path("settings/billing/loyalty/<uuid:loyalty_rule_id>/", loyalty.change, name="loyalty-rule"),
    path("settings/billing/loyalty/<uuid:loyalty_rule_id>/archive/", loyalty.archive, name="archive-loyalty-rule"),
    path("settings/billing/reminders/", ladder.settings, name="care-settings"),
    path("settings/billing/reminders/new/", ladder.add, name="add-dunning-step"),
    path("settings/billing/reminders/<uuid:dunning_step_id>/", ladder.change, name="dunning-step"),
    path("settings/billing/reminders/<uuid:dunning_step_id>/archive/", ladder.archive, name="archive-dunning-step"),
    path("settings/billing/reminders/<uuid:dunning_step_id>/<slug:language>/", ladder.text, name="dunning-text"),
]
