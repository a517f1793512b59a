from __future__ import annotations

from django.urls import include, path

from . import api, portal
from .portal import asking
from .views import ageing, care, client, credit, drafts, invoices, payments, review, settings, unbilled

app_name = "billing"
urlpatterns = [
    path("api/v1/", include(api.routes)),
    path("", include(care.routes)),
    path("", include(asking.routes)),
    path("billing/unbilled/", unbilled.unbilled, name="unbilled"),
    path("billing/unbilled/open/", unbilled.still_open, name="unbilled-open"),
    path("billing/unbilled/draft/", unbilled.draft, name="draft"),
    path("billing/review/", review.review, name="review"),
    path("billing/review/approve/", review.approve_picked, name="approve-picked"),
    path("billing/invoices/", invoices.invoices, name="invoices"),
    path("billing/invoices/export.csv", invoices.export, name="invoices-csv"),
    path("billing/invoices/<uuid:invoice_id>/", invoices.invoice, name="invoice"),
    path("billing/invoices/<uuid:invoice_id>/state/", invoices.state, name="state"),
    path("billing/invoices/<uuid:invoice_id>/pdf/", invoices.pdf, name="pdf"),
    path("billing/invoices/<uuid:invoice_id>/approve/", review.approve, name="approve"),
    path("billing/invoices/<uuid:invoice_id>/recall/", review.recall, name="recall"),
    path("billing/invoices/<uuid:invoice_id>/retry/", review.retry, name="retry-release"),
    path("billing/invoices/<uuid:invoice_id>/discard/", drafts.discard, name="discard"),
    path("billing/invoices/<uuid:invoice_id>/tax/", drafts.retax, name="retax"),
    path("billing/invoices/<uuid:invoice_id>/edit/", drafts.edit, name="edit-draft"),
    path("billing/invoices/<uuid:invoice_id>/lines/new/", drafts.new_line, name="new-line"),
    path("billing/invoices/<uuid:invoice_id>/lines/<uuid:line_id>/edit/", drafts.edit_line, name="edit-line"),
    path("billing/invoices/<uuid:invoice_id>/lines/<uuid:line_id>/remove/", drafts.remove_line, name="remove-line"),
    path("billing/invoices/<uuid:invoice_id>/payments/new/", payments.pay, name="pay"),
    path("billing/overdue/", ageing.overdue, name="overdue"),
    path("billing/overdue/export.csv", ageing.export, name="overdue-csv"),
    path("billing/payments/", payments.payments, name="payments"),
    path("billing/payments/<uuid:payment_id>/", payments.payment, name="payment"),
    path("billing/payments/<uuid:payment_id>/put/", payments.put, name="put-payment"),
    path("billing/payments/<uuid:payment_id>/refund/", payments.pay_back, name="refund-payment"),
    path("billing/payments/<uuid:payment_id>/void/", payments.void, name="void-payment"),
    path("billing/payments/put/<uuid:allocation_id>/off/", payments.take_off, name="take-off"),
    path("billing/clients/<slug:client_slug>/payments/new/", credit.on_account, name="pay-on-account"),
    path("billing/clients/<slug:client_slug>/refund/", credit.pay_out, name="pay-out"),
    path("billing/invoices/<uuid:invoice_id>/credit/", credit.use, name="use-credit"),
    path("billing/invoices/<uuid:invoice_id>/write-off/", credit.write_off, name="write-off"),
    path("billing/write-offs/<uuid:write_off_id>/back/", credit.take_back, name="take-back-write-off"),
    path("billing/clients/<slug:client_slug>/panel/", client.panel, name="client-panel"),
    path("billing/clients/<slug:client_slug>/new/", client.start, name="start-draft"),
    path("billing/clients/<slug:client_slug>/terms/", client.terms, name="client-terms"),
    path("settings/billing/", settings.settings, name="settings"),
    path("settings/billing/numbers/", settings.numbers, name="settings-numbers"),
    path("portal/invoices/", portal.invoices, name="portal-invoices"),
    path("portal/invoices/<uuid:invoice_id>/", portal.invoice, name="portal-invoice"),
    path("portal/invoices/<uuid:invoice_id>/pdf/", portal.pdf, name="portal-pdf"),
]
