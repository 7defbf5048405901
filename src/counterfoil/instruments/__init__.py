"""What a security is: terms by class, identifiers, validation, numbering, versions."""

from counterfoil.instruments.adjusting import adjusted_terms
from counterfoil.instruments.amendment import Change, Effect, diff, effect, forbidden
from counterfoil.instruments.canonical_form import canonical, from_canonical, terms_hash
from counterfoil.instruments.cash_flows import Flow, flows
from counterfoil.instruments.diagram import Curve, Diagram, payoff_diagram
from counterfoil.instruments.errors import CLASS as UNKNOWN_CLASS
from counterfoil.instruments.eusipa import class_name
from counterfoil.instruments.identifiers import is_isin, isin_from_wkn
from counterfoil.instruments.numbering import Series, allocate_isins
from counterfoil.instruments.payoff import Observations, Outcome, Payoff
from counterfoil.instruments.payoff import payoff as payoff_of
from counterfoil.instruments.proposal import with_proposals
from counterfoil.instruments.recompute import recompute_payoff, schedule_of
from counterfoil.instruments.schedule import Event, EventKind
from counterfoil.instruments.schedule import schedule as planned_events
from counterfoil.instruments.schedule.barriers import WatchedBarrier, watched_barriers
from counterfoil.instruments.schema import json_schema
from counterfoil.instruments.store import (
    NewInstrument,
    TermsVersion,
    amend_instruments,
    current_terms,
    insert_instruments,
    instruments_by_entry,
    known_isins,
    page_of_instruments,
    terms_of,
    terms_versions,
)
from counterfoil.instruments.terms import MODELS, Structured, Terms
from counterfoil.instruments.validation import validate_terms

__all__ = [
    "MODELS",
    "UNKNOWN_CLASS",
    "Change",
    "Curve",
    "Diagram",
    "Effect",
    "Event",
    "EventKind",
    "Flow",
    "NewInstrument",
    "Observations",
    "Outcome",
    "Payoff",
    "Series",
    "Structured",
    "Terms",
    "TermsVersion",
    "WatchedBarrier",
    "adjusted_terms",
    "allocate_isins",
    "amend_instruments",
    "canonical",
    "class_name",
    "current_terms",
    "diff",
    "effect",
    "flows",
    "forbidden",
    "from_canonical",
    "insert_instruments",
    "instruments_by_entry",
    "is_isin",
    "isin_from_wkn",
    "json_schema",
    "known_isins",
    "page_of_instruments",
    "payoff_diagram",
    "payoff_of",
    "planned_events",
    "recompute_payoff",
    "schedule_of",
    "terms_hash",
    "terms_of",
    "terms_versions",
    "validate_terms",
    "watched_barriers",
    "with_proposals",
]
