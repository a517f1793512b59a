"""Which icon and tone stands for a status or a priority."""

from __future__ import annotations

from django import template

from tickets.choices import Face, PortalStatus, Priority, Status

register = template.Library()

STATUS_ICONS = {
    Status.NEW: "circle-dashed",
    Status.IN_PROGRESS: "progress",
    Status.SCHEDULED: "calendar-event",
    Status.WAITING_CLIENT: "player-pause",
    Status.WAITING_SUPPLIER: "truck",
    Status.SOLVED: "circle-check",
}
PRIORITY_ICONS = {
    Priority.URGENT: "chevrons-up",
    Priority.HIGH: "chevron-up",
    Priority.NORMAL: "minus",
    Priority.LOW: "chevrons-down",
}
PORTAL_ICONS = {
    PortalStatus.IN_PROGRESS: "progress",
    PortalStatus.WAITING_FOR_YOU: "message-reply",
    PortalStatus.ON_ITS_WAY: "truck",
    PortalStatus.DONE: "circle-check",
}
PORTAL_TONES = {
    PortalStatus.IN_PROGRESS: "info",
    PortalStatus.WAITING_FOR_YOU: "warn",
    PortalStatus.ON_ITS_WAY: "muted",
    PortalStatus.DONE: "ok",
}
FACE_ICONS = {Face.GOOD: "mood-happy", Face.FAIR: "mood-empty", Face.BAD: "mood-sad"}
FACE_TONES = {Face.GOOD: "ok", Face.FAIR: "muted", Face.BAD: "danger"}


@register.filter
def status_icon(status: str) -> str:
    return STATUS_ICONS[Status(status)]


@register.filter
def priority_icon(priority: int) -> str:
    return PRIORITY_ICONS[Priority(priority)]


@register.filter
def portal_icon(status: PortalStatus) -> str:
    return PORTAL_ICONS[status]


@register.filter
def portal_tone(status: PortalStatus) -> str:
    return PORTAL_TONES[status]


@register.filter
def face_icon(face: int) -> str:
    return FACE_ICONS[Face(face)]


@register.filter
def face_tone(face: int) -> str:
    return FACE_TONES[Face(face)]
