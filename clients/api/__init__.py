"""Clients, what belongs to them, and promises, for programs. One module a subject."""

from __future__ import annotations

from django.urls import path

from . import clients, parts, promises

routes = [
    path("clients/", clients.ClientList.as_view(), name="api-clients"),
    path("clients/<uuid:client_id>/", clients.OneClient.as_view(), name="api-client"),
    *(route for part in parts.PARTS for route in parts.routes(part)),
    path("promises/", promises.PromiseList.as_view(), name="api-promises"),
    path("promises/<uuid:promise_id>/", promises.OnePromise.as_view(), name="api-promise"),
]
