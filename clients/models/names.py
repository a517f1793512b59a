"""Every name that a client, its people and its things are recognised by."""

from __future__ import annotations

from django.db import models

from clients.choices import NameKind
from clients.rules.names import LONGEST_KEY
from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .records import Client


class KnownName(TenantModel):
    """Derived from a client, contact, site or asset (`source_id`) by the actions that write it; archived ones keep theirs.

    Equality on `key` answers from its index for any number of clients: who calls, and whose name stands in a message.
    """

    client = TenantForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    source_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=NameKind.choices)
    key = models.CharField(max_length=LONGEST_KEY, db_collation="C")
    said = models.CharField(max_length=254)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "key"], name="known_name_key")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "source_id", "kind", "key"], name="known_name_once"),
        ]

    def __str__(self) -> str:
        return self.said
