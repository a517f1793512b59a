"""Looking into a fetched mailbox: keep what is new, then flag or move it, and remember where we are.

Nothing is lost and nothing read twice around a crash: a message's bytes and our place in the folder are committed together, before
the server is told anything. What was kept and not yet flagged is flagged at the next look.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from msp.jobs.rules import Again, Handler, Outcome
from msp.mail.choices import AfterTaking, InDoor, MailboxKind, MailboxState, SignInWith
from msp.mail.models import InboundMessage, Mailbox, MailboxPoll
from msp.tenancy.context import current_scope, enter, system_scope
from msp.tenancy.secretbox import seal, unseal

from .dialing import post_form
from .folder import Entry, Folder, Login, opened
from .incoming import Arrival, keep_arrival, mark_settled

BUDGET = 60.0  # seconds of one look; what is left comes at the next, at once
UNSETTLED = 500
MARGIN = timedelta(days=1)  # between a mail server's clock and ours
LONGEST_WAIT = timedelta(minutes=15)
REST = timedelta(hours=1)


@dataclass(frozen=True)
class OAuth:
    """How to get an access token, or the one that is still good."""

    token_url: str
    client: str
    secret: str
    refresh_token: str
    scope: str
    access_token: str


@dataclass(frozen=True)
class Look:
    """A mailbox as the work needs it, without rows."""

    tenant_id: int
    mailbox_id: UUID
    login: Login
    oauth: OAuth | None
    after: str
    move_to: str
    takes_old: bool
    uid_validity: int | None
    last_uid: int
    begun_at: datetime | None
    old_up_to: int
    unsettled: tuple[
        tuple[int | None, int | None], ...
    ]  # (uid_validity, uid) of what is kept and neither flagged nor moved


@dataclass(frozen=True)
class Seen:
    """What came of a look. `error` "" when it went well."""

    error: str = ""
    taken: int = 0
    is_over: bool = True
    tokens: dict[str, object] | None = None


class LookIntoMailbox(Handler[MailboxPoll, Look, Seen]):
    """Works one mailbox. It never ends: what goes wrong is shown on the mailbox, and the next look comes later and later."""

    def prepare(self, row: MailboxPoll, now: datetime) -> Look | Outcome:
        mailbox = Mailbox.objects.get(pk=row.mailbox_id)
        if not mailbox.is_active or mailbox.kind != MailboxKind.IMAP:
            return Again(now + REST)
        return _look_of(mailbox, now)

    def work(self, prepared: Look) -> Seen:
        tokens = None
        try:
            login = prepared.login
            if prepared.oauth is not None and not prepared.oauth.access_token:
                tokens = fresh_tokens(prepared.oauth)
                login = replace(login, access_token=str(tokens["access_token"]))
            with opened(login) as folder:
                taken, is_over = take_new(prepared, folder)
        except Exception as error:  # whatever it is, people must read it on the mailbox, and the next look may go well
            return Seen(error=_words(error), tokens=tokens)
        return Seen(taken=taken, is_over=is_over, tokens=tokens)

    def finish(self, row: MailboxPoll, result: Seen, now: datetime) -> Outcome:
        mailbox = Mailbox.objects.select_for_update().get(pk=row.mailbox_id)
        mailbox.tried_at, mailbox.last_error = now, result.error.replace("\x00", "")[:2000]
        mailbox.state = MailboxState.FAILING if result.error else MailboxState.WORKS
        mailbox.failing_since = (mailbox.failing_since or now) if result.error else None
        mailbox.worked_at = mailbox.worked_at if result.error else now
        if result.tokens:
            _keep_tokens(mailbox, result.tokens, now)
        if result.error:
            mailbox.access_until = None  # a refused token is not used again
        mailbox.save(
            update_fields=[
                *("tried_at", "last_error", "state", "failing_since", "worked_at"),
                *("access_token_sealed", "access_until", "refresh_token_sealed"),
            ]
        )
        if not result.is_over:
            return Again(now)
        return Again(now + _wait(mailbox, now))


def _wait(mailbox: Mailbox, now: datetime) -> timedelta:
    """Half as long as it has been failing, within bounds; a mailbox that works is looked into every MAIL_POLL_SECONDS."""
    usual = timedelta(seconds=settings.MAIL_POLL_SECONDS)
    failing = now - mailbox.failing_since if mailbox.failing_since else timedelta()
    return min(max(failing / 2, usual), LONGEST_WAIT)


def _look_of(mailbox: Mailbox, now: datetime) -> Look:
    uses_oauth = mailbox.sign_in == SignInWith.OAUTH2
    login = Login(
        mailbox.host, mailbox.port, mailbox.security, mailbox.user, mailbox.folder,
        password="" if uses_oauth else _secret(mailbox, "password"),
    )  # fmt: skip
    oauth = None
    if uses_oauth:
        is_good = mailbox.access_until is not None and mailbox.access_until > now
        token = _secret(mailbox, "access_token") if is_good else ""
        oauth = OAuth(
            mailbox.token_url, mailbox.oauth_client, _secret(mailbox, "client_secret"), _secret(mailbox, "refresh_token"),
            mailbox.oauth_scope, token,
        )  # fmt: skip
        login = replace(login, access_token=token)
    waiting = InboundMessage.objects.filter(mailbox=mailbox, settled_at=None, uid__isnull=False)
    unsettled = tuple(waiting.order_by("uid").values_list("uid_validity", "uid")[:UNSETTLED])
    return Look(
        current_scope().tenant_id, mailbox.pk, login, oauth, mailbox.after, mailbox.move_to, mailbox.takes_old,
        mailbox.uid_validity, mailbox.last_uid, mailbox.begun_at, mailbox.old_up_to, unsettled,
    )  # fmt: skip


def _secret(mailbox: Mailbox, name: str) -> str:
    sealed: str = getattr(mailbox, f"{name}_sealed")
    return unseal(sealed, place=mailbox.place_of(name)) if sealed else ""


def take_new(look: Look, folder: Folder) -> tuple[int, bool]:
    """Keep what is new, settle what is kept; (how many messages were new, whether nothing is left)."""
    began, taken, passed = time.monotonic(), 0, 0
    if look.uid_validity != folder.uid_validity:
        look = _begin(look, folder)
    for uid_validity, uid in look.unsettled:
        if uid_validity == folder.uid_validity and uid is not None:
            _settle(look, folder, uid)
    for entry in folder.entries_after(look.last_uid):
        if time.monotonic() - began > BUDGET:
            return taken, False
        if _is_old(look, entry):
            passed = entry.uid
        else:
            taken += _take(look, folder, entry)
    if passed:
        _pass(look, passed)
    return taken, True


def _begin(look: Look, folder: Folder) -> Look:
    """Remember where to look from, before anything is fetched.

    A folder seen for the first time begins behind what lies there. One that was numbered anew is read from its first message:
    the ones we have are known by their bytes, and the ones from before we began stay where they are.
    """
    highest = folder.uid_next - 1 if folder.uid_next else max((e.uid for e in folder.entries_after(0)), default=0)
    is_first = look.uid_validity is None
    with enter(system_scope(look.tenant_id)):
        mailbox = Mailbox.objects.select_for_update().get(pk=look.mailbox_id)
        mailbox.uid_validity = folder.uid_validity
        mailbox.last_uid = highest if is_first and not look.takes_old else 0
        mailbox.old_up_to = 0 if is_first or look.takes_old else highest
        mailbox.begun_at = mailbox.begun_at or timezone.now()
        mailbox.save(update_fields=["uid_validity", "last_uid", "old_up_to", "begun_at"])
    return replace(look, last_uid=mailbox.last_uid, old_up_to=mailbox.old_up_to, begun_at=mailbox.begun_at)


def _is_old(look: Look, entry: Entry) -> bool:
    """Whether a message of a renumbered folder lay there before we began; one that a person moves there later did not."""
    if entry.uid > look.old_up_to or entry.arrived_at is None or look.begun_at is None:
        return False
    return entry.arrived_at < look.begun_at - MARGIN


def _pass(look: Look, uid: int) -> None:
    with enter(system_scope(look.tenant_id)):
        mailbox = Mailbox.objects.select_for_update().get(pk=look.mailbox_id)
        mailbox.last_uid = max(mailbox.last_uid, uid)
        mailbox.save(update_fields=["last_uid"])


def _take(look: Look, folder: Folder, entry: Entry) -> int:
    is_too_big = entry.size > settings.MAIL_IN_LIMIT
    raw = folder.bytes_of(entry.uid, head_only=is_too_big)
    if raw is None:
        return 0
    arrival = Arrival(
        InDoor.IMAP, raw, uid=entry.uid, uid_validity=folder.uid_validity, size=entry.size if is_too_big else None
    )
    is_new = keep_arrival(tenant_id=look.tenant_id, mailbox_id=look.mailbox_id, arrival=arrival, now=timezone.now())
    if not is_too_big:
        _settle(look, folder, entry.uid)
    return int(is_new)


def _settle(look: Look, folder: Folder, uid: int) -> None:
    if look.after == AfterTaking.SEEN:
        folder.mark_seen(uid)
    elif look.after == AfterTaking.MOVE:
        folder.move(uid, look.move_to)
    mark_settled(
        tenant_id=look.tenant_id,
        mailbox_id=look.mailbox_id,
        uid_validity=folder.uid_validity,
        uid=uid,
        now=timezone.now(),
    )


def fresh_tokens(oauth: OAuth) -> dict[str, object]:
    """A new access token for the refresh token (RFC 6749, section 6), and the new refresh token of providers that change it.

    Raises OSError with the provider's words when there is none.
    """
    given = {"grant_type": "refresh_token", "client_id": oauth.client, "refresh_token": oauth.refresh_token}
    given |= {name: value for name, value in (("client_secret", oauth.secret), ("scope", oauth.scope)) if value}
    status, said = post_form(oauth.token_url, given, timeout=20)
    if status != 200 or not said.get("access_token"):
        words = said.get("error_description") or said.get("error") or f"HTTP {status}"
        raise OSError(str(words)[:500])
    return said


def _keep_tokens(mailbox: Mailbox, said: dict[str, object], now: datetime) -> None:
    mailbox.access_token_sealed = seal(str(said["access_token"]), place=mailbox.place_of("access_token"))
    lasts = said.get("expires_in")
    seconds = int(lasts) if isinstance(lasts, int | str) and str(lasts).isdigit() else 300
    mailbox.access_until = now + timedelta(seconds=min(seconds, 86_400) - 60)
    if said.get("refresh_token"):
        mailbox.refresh_token_sealed = seal(str(said["refresh_token"]), place=mailbox.place_of("refresh_token"))


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
