"""What people of the demo promise: to ring back, to send figures. Most keep their word."""

from __future__ import annotations

from datetime import timedelta

from clients.actions import cancel_promise, explain_broken, keep_promise, promise_callback
from clients.models import Promise
from msp.accounts.choices import Role

from .clock import Story
from .prose import phrases
from .shop import Shop

TICKETS_A_PROMISE = 25
_HOUR = timedelta(hours=1)


def promising(shop: Shop) -> Story:
    """One promise after the other, from the demo's first day into the days to come."""
    chances, number = shop.chances("promises"), max(shop.plan.tickets // TICKETS_A_PROMISE, 3)
    length = shop.timeline.end - shop.now
    for start in sorted(chances.random() for _ in range(number)):
        shop.timeline.add(shop.hours.next_open(shop.now + start * length), _callback(shop, f"promise/{start}"))
    yield shop.timeline.end - 40 * timedelta(minutes=1)
    for words in phrases("callback")[:3]:
        _promise(shop, f"promise/last/{words}", words, chances.choice([0.9, 3, 20, 44]))


def _callback(shop: Shop, name: str) -> Story:
    chances = shop.chances(name)
    hours = chances.uniform(2, 20)
    promise = _promise(shop, name, chances.choice(phrases("callback")), hours)
    fate, me = chances.random(), promise.owner.as_actor()
    share = chances.uniform(0.2, 0.95) if fate < 0.9 else chances.uniform(1.1, 1.8)
    yield shop.hours.later(shop.now, share * hours * _HOUR)
    if fate > 0.97:
        return  # nobody thought of it again
    if 0.86 < fate < 0.9:
        cancel_promise(actor=me, now=shop.now, promise=promise, because=chances.choice(phrases("callback_needless")))
        return
    promise = keep_promise(actor=me, now=shop.now, promise=promise)
    if promise.is_late:
        explain_broken(actor=me, now=shop.now, promise=promise, because=chances.choice(phrases("callback_late")))


def _promise(shop: Shop, name: str, words: str, hours: float) -> Promise:
    chances = shop.chances(f"{name}/who")
    account, keeper = chances.choice(shop.accounts), chances.choice(shop.with_role(Role.TECHNICIAN))
    contact = chances.choice(account.contacts)
    return promise_callback(
        actor=keeper.as_actor(),
        now=shop.now,
        subject=account.client,
        client=account.client,
        contact=contact,
        owner=keeper,
        words=words,
        promised_at=shop.hours.later(shop.now, hours * _HOUR),
    )
