"""Whether a person wrote a message, or what kind of machine did. Sources: RFC 3834, RFC 3464, RFC 2919, and what programs really send."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ANSWERS = re.compile(
    r"^\s*(automatic reply|auto(matic)?[- ]?(reply|response|antwort)|out of (the )?office|abwesenheit\w*|"
    r"automatische antwort|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|"
    r"automatisch antwoord|autosvar|vacation)\b",
    re.IGNORECASE,
)
_ANSWERING = ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-mail-autoreply")
_NO = frozenset({"", "no", "none", "false"})
_DAEMONS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mdaemon|bounces?)([+._-].*)?@", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"undeliver|delivery (status|fail|has failed)|mail delivery failed|returned mail|failure notice|unzustellbar|"
    r"non remis|could not be delivered|delayed",
    re.IGNORECASE,
)


def nature_of(
    headers: Mapping[str, str], *, report_type: str, from_address: str, envelope_from: str
) -> tuple[str, str]:
    """(nature as in choices.Nature, the header that tells). `headers`: lower-case name → text of the first of that name."""
    subject = headers.get("subject", "")
    returns = headers.get("return-path", "").strip() == "<>" or envelope_from == "<>"
    if report_type == "disposition-notification":
        return "receipt", "report-type=disposition-notification"
    if report_type == "delivery-status":
        return "bounce", "report-type=delivery-status"
    if "x-failed-recipients" in headers:
        return "bounce", "X-Failed-Recipients"
    if (returns or _DAEMONS.match(from_address)) and _UNDELIVERED.search(subject):
        return "bounce", f"subject “{subject[:60]}” of a mail server"
    return _by_machine(headers, subject) or (("auto_reply", "Return-Path: <>") if returns else ("personal", ""))


def _by_machine(headers: Mapping[str, str], subject: str) -> tuple[str, str] | None:
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    precedence = headers.get("precedence", "").strip().lower()
    answers = [name for name in _ANSWERING if headers.get(name, "no").lower() not in _NO]
    is_answer = bool(headers.get("in-reply-to") or headers.get("references"))
    lists = [name for name in ("list-id", "list-unsubscribe") if name in headers]
    signs = [
        (submitted.startswith("auto-replied"), "auto_reply", f"Auto-Submitted: {submitted}"),
        (precedence == "auto_reply", "auto_reply", f"Precedence: {precedence}"),
        (bool(answers), "auto_reply", ", ".join(answers)),
        # A subject alone proves nothing: “Out of office again? The door code fails” is a request.
        (_ANSWERS.match(subject) is not None, "auto_reply" if is_answer else "notice", f"subject “{subject[:60]}”"),
        (bool(lists), "bulk", ", ".join(lists)),
        (precedence in ("bulk", "list", "junk"), "bulk", f"Precedence: {precedence}"),
        (submitted not in _NO, "notice", f"Auto-Submitted: {submitted}"),
        (headers.get("x-auto-response-suppress", "none").lower() not in _NO, "notice", "X-Auto-Response-Suppress"),
        (_DAEMONS.match(headers.get("from-address", "")) is not None, "notice", "From"),
    ]
    return next(((nature, why) for there, nature, why in signs if there), None)


def verdicts(values: list[str]) -> list[dict[str, str]]:
    """What receiving servers found out about the sender (RFC 8601): server, dmarc's result and the From domain it was about.

    Anybody can write such a header; which server is believed is the mailbox's setting.
    """
    found = []
    for value in values[:10]:
        server, _, rest = value.partition(";")
        result = re.search(r"\bdmarc\s*=\s*([a-z]+)", rest, re.IGNORECASE)
        domain = re.search(r"\bheader\.from\s*=\s*([^\s;()]+)", rest, re.IGNORECASE)
        name = server.split()[0].strip().lower() if server.split() else ""
        found.append(
            {
                "server": name,
                "dmarc": result[1].lower() if result else "",
                "domain": (domain[1] if domain else "").lower(),
            }
        )
    return found
