"""The service desk of a demo shop: who asks for what, and how each conversation goes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from clients.models import Asset, Contact
from msp.accounts.choices import Role
from msp.accounts.models import Membership
from msp.accounts.rules import Actor
from tickets import actions
from tickets.choices import Door, Priority, Status, WorkType
from tickets.models import Ticket
from tickets.rules import Along

from .clock import Story
from .prose import Scenario, Words, capitalised, data, phrases, scenarios
from .shop import Account, Shop, contact_actor

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_ALONE = Along()
_BREATH = 6  # minutes between two pieces of work, in which the reply is written
_LONG = 75  # minutes from which a job is done in two goes
_BLANK_NOTES = 0.02  # of the time is logged without a word, and has to be asked for later


@dataclass
class Call:
    """One request: who asks, about what, and who looks after it."""

    shop: Shop
    account: Account
    scenario: Scenario
    chances: random.Random
    contact: Contact
    asset: Asset | None
    technician: Membership
    variant: int
    words: Words
    ticket: Ticket | None = None

    @property
    def now(self) -> datetime:
        return self.shop.now

    @property
    def open_ticket(self) -> Ticket:
        assert self.ticket is not None
        return self.ticket

    @property
    def me(self) -> Actor:
        return self.technician.as_actor()

    def happens(self, probability: float) -> bool:
        return self.chances.random() < probability

    def after_work(self, hours: float) -> datetime:
        """A time that many working hours from now."""
        return self.shop.hours.later(self.now, hours * _HOUR)


def make_call(shop: Shop, number: int) -> Call:
    """The demo's request of this number, without its time."""
    chances = shop.chances(f"ticket/{number}")
    account = chances.choices(shop.accounts, [known.activity for known in shop.accounts])[0]
    scenario = chances.choice(_fitting(account))
    things = [asset for asset in account.assets if asset.kind == scenario.asset]
    asset = chances.choice(things) if things else None
    contact = account.contacts[0] if scenario.by_us else chances.choice(account.contacts)
    technicians = shop.with_role(Role.TECHNICIAN)
    technician = account.usual if chances.random() < 0.6 else chances.choice(technicians)
    words = Words(chances, _blanks(account, contact, asset, technician, chances))
    return Call(shop, account, scenario, chances, contact, asset, technician, chances.randrange(2), words)


def _fitting(account: Account) -> list[Scenario]:
    kinds = {"", *(asset.kind for asset in account.assets)}
    return [s for s in scenarios() if s.asset in kinds and (not s.groups or account.company.group in s.groups)]


def _blanks(
    account: Account, contact: Contact, asset: Asset | None, technician: Membership, chances: random.Random
) -> dict[str, str]:
    place = data("surroundings")["groups"][account.company.group]
    others = [person.name for person in account.contacts if person.pk != contact.pk]
    return capitalised(
        {
            "first": contact.name.removeprefix("Dr ").split()[0],
            "person": chances.choice(others or ["our trainee"]).removeprefix("Dr ").split()[0],
            "room": chances.choice(place["rooms"]),
            "app": chances.choice(place["apps"]),
            "asset": asset.name if asset else "",
            "me": technician.name.split()[0],
        }
    )


def life_of(call: Call) -> Story:
    """A request from its first word to the last."""
    _open(call)
    if not call.open_ticket.assignee_id:
        yield call.shop.hours.next_open(call.now + _triage(call))
        _assign(call)
    if call.scenario.question and call.happens(0.7):
        yield from _ask(call)
    elif call.scenario.ack and call.happens(0.35):
        yield from _acknowledge(call)
    if call.scenario.supplier and call.happens(0.7):
        yield from _wait_for_supplier(call)
    yield from _do_the_work(call)
    yield from _afterwards(call)


def _triage(call: Call) -> timedelta:
    if call.scenario.priority == Priority.URGENT:
        return call.chances.uniform(1, 6) * _MINUTE
    if call.scenario.priority >= Priority.NORMAL and call.happens(0.1):
        return call.chances.uniform(2, 16) * _HOUR  # overlooked for a while
    if not _works_now(call):
        return call.chances.uniform(0.3, 5) * _HOUR  # whoever is on call looks after what burns first
    return min(call.chances.expovariate(1 / 14), 150) * _MINUTE


def _open(call: Call) -> None:
    scenario, opening = call.scenario, call.words.say_nth(call.scenario.opening, call.variant)
    door = Door.STAFF if scenario.by_us else _door(call)
    writer: Membership | None = None
    if scenario.by_us:
        writer, opening = call.technician, opening.removeprefix("Opened by us: ")
    elif door == Door.STAFF:
        writer = call.shop.one(Role.DISPATCHER)
        opening = call.words.say(phrases("on_the_phone"), name=call.contact.name, text=opening)
    call.ticket = actions.open_ticket(
        actor=writer.as_actor() if writer else contact_actor(call.contact),
        now=call.now,
        client=call.account.client,
        subject=call.words.say_nth(scenario.subject, call.variant),
        body=opening[:1].upper() + opening[1:],
        author=writer,
        contact=call.contact,
        site=call.asset.site if call.asset else call.account.sites[0],
        asset=call.asset,
        priority=scenario.priority,
        assignee=call.technician if scenario.by_us or (writer and _works_now(call)) else None,
        door=door,
    )


def _door(call: Call) -> Door:
    if call.contact.membership_id and call.happens(0.8):
        return Door.PORTAL
    working = call.shop.hours.next_open(call.now) == call.now
    urgent = call.scenario.priority <= Priority.HIGH
    return Door.STAFF if working and call.happens(0.75 if urgent else 0.45) else Door.MAIL


def _assign(call: Call) -> None:
    dispatcher = call.shop.one(Role.DISPATCHER).as_actor()
    if call.shop.hours.on_call.start <= call.now and not _works_now(call):
        call.technician = call.chances.choice([m for m in call.shop.with_role(Role.TECHNICIAN) if _on_call(call, m)])
    call.ticket = actions.assign_ticket(
        actor=dispatcher, now=call.now, ticket=call.open_ticket, assignee=call.technician
    )


def _on_call(call: Call, member: Membership) -> bool:
    return any(colleague.on_call and colleague.name == member.name for colleague in call.shop.plan.staff)


def _works_now(call: Call) -> bool:
    return _on_call(call, call.technician) or any(w.start <= call.now <= w.end for w in call.shop.hours.regular)


def _reply(call: Call, body: str, status: str = "", minutes: int | None = None, work: str = "") -> None:
    actions.reply_publicly(
        actor=call.me,
        now=call.now,
        ticket=call.open_ticket,
        author=call.technician,
        body=body,
        to=call.contact,
        along=Along(minutes=minutes, work_note=work, status=status),
    )


def _acknowledge(call: Call) -> Story:
    """The technician says that they are at it. On busy mornings that takes a while, and some clients chase."""
    urgency = {Priority.URGENT: 0.1, Priority.HIGH: 0.8}.get(Priority(call.scenario.priority), 2.0)
    yield call.after_work(min(call.chances.expovariate(1 / urgency), 9))
    if call.now - call.open_ticket.created_at > 5 * _HOUR and call.happens(0.3):
        _client_says(call, call.words.say(phrases("chase")))
        yield call.after_work(call.chances.uniform(0.1, 0.6))
        _reply(call, call.words.say(phrases("sorry_late")), Status.IN_PROGRESS)
        return
    _reply(call, call.words.say(call.scenario.ack), Status.IN_PROGRESS)


def _ask(call: Call) -> Story:
    """The technician needs to know something first. Some answer at once, some after a reminder, some never."""
    yield call.after_work(min(call.chances.expovariate(1 / 1.8), 8))
    _reply(call, call.words.say(call.scenario.question), Status.WAITING_CLIENT)
    answer = call.words.say(call.scenario.answer)
    if call.happens(0.75):
        yield call.now + min(call.chances.expovariate(1 / 9), 70) * _HOUR
    else:
        yield call.after_work(call.chances.uniform(14, 30))
        _reply(call, call.words.say(phrases("nudge")))
        _sum_up(call, "waits_client")
        if call.happens(0.15):
            yield call.after_work(40)
            _reply(call, call.words.say(phrases("gave_up")), Status.SOLVED)
        yield call.now + call.chances.uniform(0.5, 5) * _DAY
        answer = call.words.say(phrases("answered_nudge"), text=answer)
    _client_says(call, answer)


def _wait_for_supplier(call: Call) -> Story:
    yield call.after_work(call.chances.uniform(0.2, 3))
    _reply(call, call.words.say(call.scenario.supplier), Status.WAITING_SUPPLIER)
    _sum_up(call, "waits_supplier")
    yield call.after_work(call.chances.uniform(8, 34))


def _sum_up(call: Call, name: str) -> None:
    ticket = _fresh(call)
    actions.rewrite_summary(
        actor=call.me, now=call.now, ticket=ticket, was=ticket.summary, summary=call.words.say(phrases(name))
    )


def _client_says(call: Call, body: str) -> None:
    actions.reply_as_contact(
        actor=contact_actor(call.contact), now=call.now, ticket=call.open_ticket, contact=call.contact, body=body
    )


def _do_the_work(call: Call) -> Story:
    minutes = call.chances.randint(*call.scenario.minutes)
    earliest = call.after_work(_patience(call))
    if call.scenario.place == "on_site":
        yield from _on_site(call, earliest, minutes)
        return
    if minutes > _LONG:
        first = minutes * 2 // 5
        yield from _session(call, earliest, first)
        _note(call, Along(status=Status.IN_PROGRESS))
        work, billable = call.words.say(phrases("diagnosis")), _is_billed(call)
        _log(call, call.now - first * _MINUTE, first, work, WorkType.REMOTE, billable=billable)
        minutes, earliest = minutes - first, call.after_work(call.chances.uniform(0.2, 4))
    elif call.scenario.note and call.happens(0.25):
        yield from _session(call, earliest, minutes)
        _note(call)
        yield call.now + call.chances.uniform(1, 4) * _MINUTE
        yield from _solve(call, minutes)
        return
    yield from _session(call, earliest, minutes)
    yield from _solve(call, minutes)


def _patience(call: Call) -> float:
    """Working hours until somebody begins."""
    mean = {Priority.URGENT: 0.05, Priority.HIGH: 1.2, Priority.NORMAL: 5.0}.get(Priority(call.scenario.priority), 20.0)
    return min(call.chances.expovariate(1 / mean), 60)


def _session(call: Call, earliest: datetime, minutes: int) -> Story:
    """Work without interruption. Whoever is at it when the demo ends has their clock running."""
    start = call.shop.diary(call.technician).book(earliest, minutes + _BREATH)
    yield start
    if start + minutes * _MINUTE > call.shop.timeline.end:
        _be_at_it(call)
    yield start + minutes * _MINUTE


def _be_at_it(call: Call) -> None:
    """What the visitor of the demo finds running."""
    actions.change_status(actor=call.me, now=call.now, ticket=call.open_ticket, status=Status.IN_PROGRESS)
    actions.start_timer(actor=call.me, now=call.now, ticket=call.open_ticket, member=call.technician)


def _fresh(call: Call) -> Ticket:
    ticket = call.open_ticket
    ticket.refresh_from_db()
    return ticket


def _note(call: Call, along: Along = _ALONE) -> None:
    body = call.words.say(call.scenario.note or phrases("handover"))
    actions.add_note(
        actor=call.me,
        now=call.now,
        ticket=call.open_ticket,
        author=call.technician,
        body=body,
        along=along,
    )


def _on_site(call: Call, earliest: datetime, minutes: int) -> Story:
    """A visit: agreed, driven to, done, logged with its travel."""
    travel = call.chances.choice([15, 20, 25, 30, 40])
    start = call.shop.diary(call.technician).book(earliest + 2 * _HOUR, travel + minutes)
    yield call.now + call.chances.uniform(2, 10) * _MINUTE
    when = (start + travel * _MINUTE).astimezone(call.shop.hours.zone).strftime("%A at %H:%M")
    actions.add_note(
        actor=call.me,
        now=call.now,
        ticket=call.open_ticket,
        author=call.technician,
        body=call.words.say(phrases("booked"), when=when),
        along=Along(status=Status.SCHEDULED),
    )
    yield max(start, call.now)
    if start + (travel + minutes) * _MINUTE > call.shop.timeline.end:
        _be_at_it(call)
    yield start + (travel + minutes) * _MINUTE
    _log(call, start, travel, "Travel", WorkType.TRAVEL, billable=False)
    _log(call, start + travel * _MINUTE, minutes, _work_note(call), WorkType.ON_SITE, billable=call.scenario.billable)
    yield call.now + call.chances.uniform(2, 20) * _MINUTE
    _reply(call, call.words.say_nth(call.scenario.fix, call.variant), Status.SOLVED)


def _solve(call: Call, minutes: int) -> Story:
    fix = call.words.say_nth(call.scenario.fix, call.variant)
    if _is_billed(call):
        _reply(call, fix, Status.SOLVED, minutes, _work_note(call))
    else:
        started = call.now - minutes * _MINUTE
        _log(call, started, minutes, call.words.say(call.scenario.work), WorkType.REMOTE, billable=False)
        _reply(call, fix, Status.SOLVED)
    yield call.now + call.chances.uniform(0.3, 20) * _HOUR


def _is_billed(call: Call) -> bool:
    return call.scenario.billable and not call.account.company.managed


def _work_note(call: Call) -> str:
    return "" if call.happens(_BLANK_NOTES) else call.words.say(call.scenario.work)


def _log(call: Call, started_at: datetime, minutes: int, note: str, kind: WorkType, *, billable: bool) -> None:
    actions.log_time(
        actor=call.me,
        now=call.now,
        ticket=call.open_ticket,
        member=call.technician,
        minutes=minutes,
        note=note,
        started_at=started_at,
        work_type=kind,
        is_billable=billable,
    )


def _afterwards(call: Call) -> Story:
    """Most say nothing. Portal people press “it works”, and some are back, unhappy."""
    if call.contact.membership_id and call.happens(0.6):
        actions.confirm_solved(actor=contact_actor(call.contact), now=call.now, ticket=call.open_ticket)
        return
    if not call.happens(0.05):
        return
    yield call.now + call.chances.uniform(4, 50) * _HOUR
    _client_says(call, call.words.say(phrases("grumble")))
    yield call.after_work(call.chances.uniform(0.2, 2))
    _reply(call, call.words.say(phrases("sorry_again")))
    minutes = call.chances.randint(20, 70)
    yield from _session(call, call.after_work(0.5), minutes)
    again = call.words.say(phrases("follow_up_work"))
    _log(call, call.now - minutes * _MINUTE, minutes, again, WorkType.REMOTE, billable=False)
    _reply(call, call.words.say(phrases("fixed_again")), Status.SOLVED)
