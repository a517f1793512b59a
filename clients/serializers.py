"""What the API takes and answers about clients, what belongs to them, and what was promised to them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from msp.api.serializers import (
    WEB_ADDRESS,
    Choice,
    Day,
    Email,
    Key,
    Line,
    ListQuery,
    Strict,
    Text,
    YesNo,
    country,
    currency,
    language,
    zone,
)

from .choices import AssetKind, PromiseState, PromiseView


class Named(serializers.Serializer[Any]):
    """Another row, by its id and what people call it."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class PartQuery(ListQuery):
    """Filters of sites, contacts and equipment."""

    client = serializers.UUIDField(required=False)
    archived = serializers.BooleanField(required=False, default=False)


class ContactQuery(PartQuery):
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)


class ClientQuery(ListQuery):
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=100, help_text="Begins of words of the name or trade."
    )
    archived = serializers.BooleanField(required=False, default=False)


class ClientOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    trade = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    website = serializers.CharField()
    address = serializers.CharField()
    country = serializers.CharField()
    zone = serializers.CharField()
    currency = serializers.CharField()
    language = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


class ClientIn(Strict):
    """Country, zone, currency and language are the shop's unless said."""

    name = Line(max_length=160)
    trade = Line(max_length=80, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    email = Email(max_length=254, required=False, allow_blank=True)
    website = Text(max_length=200, required=False, allow_blank=True, validators=[WEB_ADDRESS])
    address = Text(max_length=1000, required=False, allow_blank=True)
    country = country(required=False)
    zone = zone(required=False)
    currency = currency(required=False)
    language = language(required=False)
    since = Day(required=False, allow_null=True)


class SiteOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    client = serializers.UUIDField(source="client_id")
    name = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    zone = serializers.CharField()
    is_main = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)


class SiteChange(Strict):
    name = Line(max_length=120)
    address = Text(max_length=1000, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    zone = zone(required=False)
    is_main = YesNo(required=False)


class SiteIn(SiteChange):
    client = Key()


class ContactOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    client = serializers.UUIDField(source="client_id")
    site = serializers.UUIDField(source="site_id", allow_null=True)
    name = serializers.CharField()
    job_title = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    mobile = serializers.CharField()
    language = serializers.CharField()
    decides = serializers.BooleanField()
    gets_invoices = serializers.BooleanField()
    bounced_at = serializers.DateTimeField(allow_null=True, help_text="When mail to the address came back.")
    archived_at = serializers.DateTimeField(allow_null=True)


class ContactChange(Strict):
    name = Line(max_length=120)
    site = Key(required=False, allow_null=True)
    job_title = Line(max_length=120, required=False, allow_blank=True)
    email = Email(max_length=254, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)
    mobile = Line(max_length=40, required=False, allow_blank=True)
    language = language(required=False)
    decides = YesNo(required=False)
    gets_invoices = YesNo(required=False)


class ContactIn(ContactChange):
    client = Key()


class AssetOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    client = serializers.UUIDField(source="client_id")
    site = serializers.UUIDField(source="site_id", allow_null=True)
    name = serializers.CharField()
    kind = serializers.ChoiceField(AssetKind.choices)
    make_model = serializers.CharField()
    serial = serializers.CharField()
    bought_on = serializers.DateField(allow_null=True)
    warranty_until = serializers.DateField(allow_null=True)
    comment = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)


class AssetChange(Strict):
    name = Line(max_length=120)
    kind = Choice(choices=AssetKind.choices, required=False)
    site = Key(required=False, allow_null=True)
    make_model = Line(max_length=160, required=False, allow_blank=True)
    serial = Line(max_length=120, required=False, allow_blank=True)
    bought_on = Day(required=False, allow_null=True)
    warranty_until = Day(required=False, allow_null=True)
    comment = Text(max_length=4000, required=False, allow_blank=True)


class AssetIn(AssetChange):
    client = Key()


class PromiseQuery(ListQuery):
    view = serializers.ChoiceField(PromiseView.choices, required=False, default=PromiseView.DUE)
    client = serializers.UUIDField(required=False)
    owner = serializers.UUIDField(required=False)
    kind = serializers.CharField(required=False, allow_blank=True, max_length=40)
    subject = serializers.UUIDField(required=False, help_text="The id of what it is about: a ticket, say.")


class PromiseOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(PromiseState.choices)
    words = serializers.CharField()
    client = Named()
    contact = Named(allow_null=True)
    owner = Named(allow_null=True)
    subject_kind = serializers.CharField(help_text="“tickets.ticket”, say.")
    subject_id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    promised_at = serializers.DateTimeField()
    risk_at = serializers.DateTimeField()
    paused_since = serializers.DateTimeField(allow_null=True)
    kept_at = serializers.DateTimeField(allow_null=True)
    broken_at = serializers.DateTimeField(allow_null=True)
    broken_because = serializers.CharField()
    excluded_because = serializers.CharField()
    ended_because = serializers.CharField()
