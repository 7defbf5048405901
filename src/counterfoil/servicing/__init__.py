"""What becomes of a security: its events, what was observed, who is paid what, and its end."""

from counterfoil.servicing.agenda import (
    end_events,
    endings,
    event_details,
    events_between,
    events_by_id,
    take_due,
)
from counterfoil.servicing.calling import Call, Exercise, call_early, exercise, knock_out, withdraw
from counterfoil.servicing.checks import checks
from counterfoil.servicing.correcting import CorrectionOutcome, Spent, Unchanged, correct
from counterfoil.servicing.determination import (
    Determination,
    Lacking,
    Origin,
    declare,
    determinations,
    determine,
)
from counterfoil.servicing.ending import consent_to_deletion, delete, mature, suspend
from counterfoil.servicing.errors import RANGE, UNKNOWN_EVENT
from counterfoil.servicing.model import CalledFor, Ending, Process, ServicingEvent
from counterfoil.servicing.moments import payment_moment, record_moment
from counterfoil.servicing.observations import (
    Content,
    NewObservation,
    ObservationKind,
    Observed,
    add_source,
    confirm,
    dispute,
    end_dispute,
    enter_observations,
    sources,
)
from counterfoil.servicing.paying import (
    TAX,
    Blocked,
    NotRedeemed,
    Paid,
    PaymentOutcome,
    Uncovered,
    Unfunded,
    is_part,
    pay,
    payments,
)
from counterfoil.servicing.reading import read_observation
from counterfoil.servicing.recording import Record, entitlements, record_holders, records, set_withholding
from counterfoil.servicing.scheduling import is_time_to_lay_out, lapse, lay_out, lay_out_new
from counterfoil.servicing.standing import Standing, judged

__all__ = [
    "RANGE",
    "TAX",
    "UNKNOWN_EVENT",
    "Blocked",
    "Call",
    "CalledFor",
    "Content",
    "CorrectionOutcome",
    "Determination",
    "Ending",
    "Exercise",
    "Lacking",
    "NewObservation",
    "NotRedeemed",
    "ObservationKind",
    "Observed",
    "Origin",
    "Paid",
    "PaymentOutcome",
    "Process",
    "Record",
    "ServicingEvent",
    "Spent",
    "Standing",
    "Unchanged",
    "Uncovered",
    "Unfunded",
    "add_source",
    "call_early",
    "checks",
    "confirm",
    "consent_to_deletion",
    "correct",
    "declare",
    "delete",
    "determinations",
    "determine",
    "dispute",
    "end_dispute",
    "end_events",
    "endings",
    "enter_observations",
    "entitlements",
    "event_details",
    "events_between",
    "events_by_id",
    "exercise",
    "is_part",
    "is_time_to_lay_out",
    "judged",
    "knock_out",
    "lapse",
    "lay_out",
    "lay_out_new",
    "mature",
    "pay",
    "payment_moment",
    "payments",
    "read_observation",
    "record_holders",
    "record_moment",
    "records",
    "set_withholding",
    "sources",
    "suspend",
    "take_due",
    "withdraw",
]
