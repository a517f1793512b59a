"""Mail as plain values. Django is not imported here: the reading of mail runs in a process that has none."""

from __future__ import annotations

from .outgoing import Delivery, Enclosure, Look, Parcel, Sender, Server, hex_of, on_the_wire

__all__ = ["Delivery", "Enclosure", "Look", "Parcel", "Sender", "Server", "hex_of", "on_the_wire"]
