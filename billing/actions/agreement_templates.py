"""The shop's own templates of agreements."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import AgreementTemplate, AgreementVersion
from billing.queries.agreement_templates import kept_items, kept_terms
from billing.rules.refusals import Refused
from msp.accounts.rules import Actor
from msp.audit.actions import record


def keep_template(*, version: AgreementVersion, name: str, actor: Actor, now: datetime) -> AgreementTemplate:
    """Keep a version's terms and charges as a template. Raises Refused without a name, and for one that is taken."""
    if not name.strip():
        raise Refused(_("Give the template a name."))
    with transaction.atomic():
        agreement = version.agreement
        kept = {"kind": agreement.kind, "terms": kept_terms(version), "items": kept_items(version)}
        try:
            with transaction.atomic():
                template = AgreementTemplate.objects.create(name=name.strip(), **kept)
        except IntegrityError:
            raise Refused(_("A template has this name already.")) from None
        record(actor=actor, verb="agreement.template_kept", subject=agreement, now=now, data={"name": name.strip()})
    return template


def archive_template(*, template: AgreementTemplate, actor: Actor, now: datetime) -> AgreementTemplate:
    """Offer a template no longer. Agreements that began from it stay as they are."""
    with transaction.atomic():
        if template.archived_at is None:
            template.archived_at = now
            template.save(update_fields=["archived_at"])
            data = {"name": template.name}
            record(actor=actor, verb="agreement.template_archived", subject=template, now=now, data=data)
    return template
