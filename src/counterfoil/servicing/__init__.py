"""What becomes of a security: its events, what was observed, who is paid what, and its end."""

from counterfoil.servicing.agenda import (
    end_events,
    endings,
    event_details,
    events_between,
    events_by_id,
    take_due,
)
from counterfoil.servicing.errors import RANGE, UNKNOWN_EVENT
from counterfoil.servicing.model import CalledFor, Ending, Process, ServicingEvent
from counterfoil.servicing.scheduling import is_time_to_lay_out, lapse, lay_out, lay_out_new

__all__ = [
    "RANGE",
    "UNKNOWN_EVENT",
    "CalledFor",
    "Ending",
    "Process",
    "ServicingEvent",
    "end_events",
    "endings",
    "event_details",
    "events_between",
    "events_by_id",
    "is_time_to_lay_out",
    "lapse",
    "lay_out",
    "lay_out_new",
    "take_due",
]
