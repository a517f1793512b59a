"""Whoever deploys hears that no mail can leave."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import override_settings


@pytest.mark.parametrize(
    ("host", "capture", "warned"), [("", False, True), ("smtp.example.com", False, False), ("", True, False)]
)
def test_an_installation_without_a_mail_server_is_warned_of(*, host: str, capture: bool, warned: bool) -> None:
    with override_settings(MAIL_HOST=host, MAIL_CAPTURE=capture):
        told = run_checks(tags=["security"], include_deployment_checks=True)
    assert ("mail.W001" in [message.id for message in told]) is warned
