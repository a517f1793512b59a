"""What the API takes and answers about tickets, what was said on them, and time."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clients.serializers import Named
from msp.api.serializers import Choice, Key, Line, ListQuery, Moment, Number, Strict, Text, YesNo

from .choices import Door, Priority, QueueView, Status, Visibility, WorkType
from .models import Ticket
from .rules import LONGEST_ENTRY

LONGEST_MESSAGE = 50_000
LARGEST_NUMBER = 2**31 - 1
MOST_COPIES = 50
VIEWS = [(view.value, view.label) for view in QueueView if view != QueueView.MINE]


class TicketQuery(ListQuery):
    view = serializers.ChoiceField(VIEWS, required=False, default=QueueView.ALL)
    q = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="Words that stand in it.")
    client = serializers.UUIDField(required=False)
    assignee = serializers.UUIDField(required=False)
    category = serializers.UUIDField(required=False)
    label = serializers.UUIDField(required=False)  # type: ignore[assignment]  # Field has one, too
    status = serializers.ChoiceField(Status.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    changed_since = Moment(required=False, help_text="Changed at that time or later.")


class TicketOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    id = serializers.UUIDField()
    subject = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    priority = serializers.ChoiceField(Priority.choices, help_text="1 urgent, 2 high, 3 normal, 4 low.")
    impact = serializers.IntegerField(allow_null=True, help_text="1 everybody, 2 several people, 3 one person.")
    urgency = serializers.IntegerField(
        allow_null=True, help_text="1 work stands still, 2 is slowed down, 3 it can wait."
    )
    client = Named()
    contact = Named(allow_null=True)
    site = Named(allow_null=True)
    asset = Named(allow_null=True)
    assignee = Named(allow_null=True)
    category = Named(allow_null=True)
    labels = serializers.SerializerMethodField()
    door = serializers.ChoiceField(Door.choices)
    summary = serializers.CharField(help_text="Where it stands, in the team's words.")
    is_confidential = serializers.SerializerMethodField()
    next_clock_at = serializers.DateTimeField(allow_null=True, help_text="The next deadline.")
    client_waiting_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    first_replied_at = serializers.DateTimeField(allow_null=True)
    solved_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    merged_into = serializers.UUIDField(source="merged_into_id", allow_null=True)

    def get_labels(self, ticket: Ticket) -> list[str]:
        return [label.name for label in self.context["labels"].get(ticket.pk, [])]

    def get_is_confidential(self, ticket: Ticket) -> bool:
        return ticket.confidential_to_id is not None


class TicketIn(Strict):
    """`answers` are those to the fields of its category, by the field's id."""

    client = Key()
    subject = Line(max_length=200)
    body = Text(max_length=LONGEST_MESSAGE, help_text="What is wrong. The client reads it in the portal.")
    contact = Key(required=False, allow_null=True)
    site = Key(required=False, allow_null=True)
    asset = Key(required=False, allow_null=True)
    priority = Choice(choices=Priority.choices, required=False)
    assignee = Key(required=False, allow_null=True)
    category = Key(required=False, allow_null=True)
    answers = serializers.DictField(child=Text(max_length=500, allow_blank=True), required=False)


class TicketChange(Strict):
    subject = Line(max_length=200, required=False)
    summary = Text(max_length=LONGEST_MESSAGE, required=False, allow_blank=True)
    status = Choice(choices=Status.choices, required=False)
    priority = Choice(choices=Priority.choices, required=False)
    assignee = Key(required=False, allow_null=True)
    contact = Key(required=False, allow_null=True)
    site = Key(required=False, allow_null=True)
    asset = Key(required=False, allow_null=True)
    category = Key(required=False, allow_null=True)
    solve_anyway = YesNo(required=False, help_text="Solve it although tasks are open.")


class MessageOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ticket = serializers.UUIDField(source="ticket_id")
    visibility = serializers.ChoiceField(Visibility.choices)
    author = serializers.UUIDField(source="author_id", allow_null=True, help_text="Of ours.")
    contact = serializers.UUIDField(source="contact_id", allow_null=True, help_text="Of theirs.")
    author_name = serializers.CharField()
    body = serializers.CharField()
    recipients = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    at = serializers.DateTimeField()
    visible_at = serializers.DateTimeField(help_text="When the client sees it; until then it can be taken back.")


class MessageIn(Strict):
    """A reply goes to the ticket's contact and those in `cc`; a note is read by the team alone."""

    kind = Choice(choices=[("reply", "reply"), ("note", "note")])
    body = Text(max_length=LONGEST_MESSAGE)
    cc = serializers.ListField(child=Key(), required=False, max_length=MOST_COPIES)
    although = Line(
        max_length=300, required=False, allow_blank=True, help_text="Why it must go although it names other clients."
    )
    author = Key(required=False, help_text="Who of the staff says it. A service token must name somebody for a reply.")
    status = Choice(choices=Status.choices, required=False)
    next_update_at = Moment(required=False, help_text="Promise the next news by then.")
    minutes = Number(required=False, min_value=1, max_value=LONGEST_ENTRY, help_text="Time it took. Needs time:write.")
    work_note = Line(max_length=500, required=False, allow_blank=True)
    solve_anyway = YesNo(required=False)


class TimeQuery(ListQuery):
    ticket = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER, help_text="Its number.")
    client = serializers.UUIDField(required=False)
    member = serializers.UUIDField(required=False)
    started_since = Moment(required=False)
    started_before = Moment(required=False)


class TimeOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ticket = serializers.IntegerField(source="ticket.number")
    client = serializers.UUIDField(source="client_id")
    member = Named()
    started_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    note = serializers.CharField()
    work_type = serializers.ChoiceField(WorkType.choices)
    is_billable = serializers.BooleanField()
    locked_because = serializers.CharField(help_text="Why nobody may change it any more.")
    created_at = serializers.DateTimeField()


class TimeIn(Strict):
    """Without `started_at` it ended now. `member`: a service token must say whose time it is."""

    ticket = Number(min_value=1, max_value=LARGEST_NUMBER, help_text="Its number.")
    minutes = Number(min_value=1, max_value=LONGEST_ENTRY)
    member = Key(required=False)
    started_at = Moment(required=False)
    note = Line(max_length=500, required=False, allow_blank=True)
    work_type = Choice(choices=WorkType.choices, required=False)
    is_billable = YesNo(required=False)
