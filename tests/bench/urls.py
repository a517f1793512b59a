from __future__ import annotations

from django.urls import include, path

from tests.bench.stopwatch import empty, empty_inside

handler400, handler403 = "msp.web.errors.bad_request", "msp.web.errors.forbidden"
handler404, handler500 = "msp.web.errors.not_found", "msp.web.errors.server_error"

urlpatterns = [
    path("bench/empty", empty),
    path("bench/inside", empty_inside),
    path("", include("msp.urls")),
]
