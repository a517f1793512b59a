"""Every app's routes, by string: this module imports no app."""

from __future__ import annotations

from django.urls import include, path

handler400 = "msp.web.errors.bad_request"
handler403 = "msp.web.errors.forbidden"
handler404 = "msp.web.errors.not_found"
handler500 = "msp.web.errors.server_error"

urlpatterns = [
    path("", include("msp.web.urls")),
    path("", include("msp.accounts.urls")),
    path("", include("msp.audit.urls")),
    path("", include("msp.jobs.urls")),
    path("", include("msp.mail.urls")),
    path("", include("msp.notify.urls")),
    path("", include("msp.webhooks.urls")),
    path("", include("msp.api.urls")),
    path("account/", include("allauth.urls")),
    path("", include("clients.urls")),
    path("", include("tickets.urls")),
    path("", include("billing.urls")),
]
