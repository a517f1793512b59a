"""Words under which rows of every app are found.

Full text and trigram operators are not leakproof, so under row level security Postgres leaves their indexes aside. Equality and
range comparisons are: one row a word, compared byte by byte, answers from its index however many tickets there are.
"""

from __future__ import annotations

from django.db import models

from msp.tenancy.fields import TenantForeignKey
from msp.tenancy.models import TenantModel

from .choices import Weight


class Found(TenantModel):
    """A thing that can be found, with the words a result shows. Closed to the portal, like its tokens."""

    kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    client_id = models.UUIDField(null=True)
    label = models.CharField(max_length=200)
    hint = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300)
    at = models.DateTimeField()  # the newer of two equally good results stands first

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "subject_id"], name="search_found_subject")]

    def __str__(self) -> str:
        return self.label


class Token(TenantModel):
    """One word of one thing. `kind` and `at` are copies, so that the index alone gives the best results of a word."""

    found = TenantForeignKey(Found, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=20)
    token = models.CharField(max_length=40, db_collation="C")
    weight = models.PositiveSmallIntegerField(choices=Weight.choices)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "kind", "token", "-weight", "-at"], name="search_token_best"),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "found", "token"], name="search_token_once")]

    def __str__(self) -> str:
        return self.token
