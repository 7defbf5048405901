"""What becomes of a security: its events, what was observed, who is paid what, and its end."""

from counterfoil.servicing.adjusting import (
    Adjusted,
    adjust,
    adjusted_securities,
    adjustments,
    decide_adjustment,
    foresee_adjustment,
    request_adjustment,
)
from counterfoil.servicing.agenda import (
    EVENT,
    end_events,
    endings,
    event_details,
    events_between,
    events_by_id,
    take_due,
)
from counterfoil.servicing.asking import askers
from counterfoil.servicing.calling import Call, Exercise, call_early, exercise, knock_out, withdraw
from counterfoil.servicing.checks import checks
from counterfoil.servicing.claims import CLAIM, claims_of, make_claims
from counterfoil.servicing.correcting import CorrectionOutcome, Spent, Unchanged, correct
from counterfoil.servicing.determination import (
    Determination,
    Lacking,
    Origin,
    declare,
    determinations,
    determine,
    work_out,
)
from counterfoil.servicing.ending import consent_to_deletion, delete, mature, mature_undecided, suspend
from counterfoil.servicing.errors import NOT_AN_AMOUNT, RANGE, UNKNOWN_EVENT
from counterfoil.servicing.foreseeing import Foreseen, foresee
from counterfoil.servicing.foretelling import Action
from counterfoil.servicing.funding import Forecast, forecast, needs
from counterfoil.servicing.hits import knock_out_hits
from counterfoil.servicing.model import CalledFor, Ending, Process, ServicingEvent
from counterfoil.servicing.moments import ex_date, payment_moment, record_moment, start_of_day
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
from counterfoil.servicing.reading import read_observation, read_tick
from counterfoil.servicing.recomputing import proof, recompute
from counterfoil.servicing.recording import Record, entitlements, record_holders, records, set_withholding
from counterfoil.servicing.reopening import reopen
from counterfoil.servicing.scheduling import is_time_to_lay_out, lapse, lay_out, lay_out_new
from counterfoil.servicing.standing import Standing, judged, observations_in
from counterfoil.servicing.suspense import (
    SUSPENSE,
    release_elsewhere,
    release_unblocked,
    request_release,
    suspended,
)
from counterfoil.servicing.telling import EventStanding, PaymentRun, announce_upcoming, event_standings
from counterfoil.servicing.ticks import NewTick, TickEntered, TicksTaken, enter_ticks, touches_of
from counterfoil.servicing.windows import Window, announce_windows

__all__ = [
    "CLAIM",
    "EVENT",
    "NOT_AN_AMOUNT",
    "RANGE",
    "SUSPENSE",
    "TAX",
    "UNKNOWN_EVENT",
    "Action",
    "Adjusted",
    "Blocked",
    "Call",
    "CalledFor",
    "Content",
    "CorrectionOutcome",
    "Determination",
    "Ending",
    "EventStanding",
    "Exercise",
    "Forecast",
    "Foreseen",
    "Lacking",
    "NewObservation",
    "NewTick",
    "NotRedeemed",
    "ObservationKind",
    "Observed",
    "Origin",
    "Paid",
    "PaymentOutcome",
    "PaymentRun",
    "Process",
    "Record",
    "ServicingEvent",
    "Spent",
    "Standing",
    "TickEntered",
    "TicksTaken",
    "Unchanged",
    "Uncovered",
    "Unfunded",
    "Window",
    "Worked",
    "add_source",
    "adjust",
    "adjusted_securities",
    "adjustments",
    "announce_upcoming",
    "announce_windows",
    "askers",
    "call_early",
    "checks",
    "claims_of",
    "confirm",
    "consent_to_deletion",
    "correct",
    "decide_adjustment",
    "declare",
    "delete",
    "determinations",
    "determine",
    "dispute",
    "end_dispute",
    "end_events",
    "endings",
    "enter_observations",
    "enter_ticks",
    "entitlements",
    "event_details",
    "event_standings",
    "events_between",
    "events_by_id",
    "ex_date",
    "exercise",
    "forecast",
    "foresee",
    "foresee_adjustment",
    "is_part",
    "is_time_to_lay_out",
    "judged",
    "knock_out",
    "knock_out_hits",
    "lapse",
    "lay_out",
    "lay_out_new",
    "make_claims",
    "mature",
    "mature_undecided",
    "needs",
    "observations_in",
    "pay",
    "payment_moment",
    "payments",
    "proof",
    "read_observation",
    "read_tick",
    "recompute",
    "record_holders",
    "record_moment",
    "records",
    "release_elsewhere",
    "release_unblocked",
    "reopen",
    "request_adjustment",
    "request_release",
    "set_withholding",
    "sources",
    "start_of_day",
    "suspend",
    "suspended",
    "take_due",
    "touches_of",
    "withdraw",
    "work_out",
]
