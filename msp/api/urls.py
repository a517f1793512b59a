from __future__ import annotations

from django.urls import path

from .views import documentation, tokens

app_name = "api"
urlpatterns = [
    path("profile/tokens/", tokens.own, name="own-tokens"),
    path("profile/tokens/<uuid:api_token_id>/revoke/", tokens.revoke_own, name="revoke-own-token"),
    path("settings/api/", tokens.shop, name="tokens"),
    path("settings/api/<uuid:api_token_id>/revoke/", tokens.revoke, name="revoke-token"),
    path("api/docs/", documentation.documentation, name="docs"),
    path("api/v1/schema/", documentation.schema_document, name="schema"),
]
