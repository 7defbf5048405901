"""Instructions, matching, delivery versus payment, cycles."""

from counterfoil.settlement.advice import (
    DAY_ENDED,
    INSTRUCTION,
    TRANSACTION,
    Named,
    Part,
    Standing,
    instructions_by_reference,
    references_of,
    settled_parts,
    sides,
    standings,
)
from counterfoil.settlement.batches import (
    BatchSubmission,
    batch_payload,
    batch_payloads,
    batch_progress,
    batch_results,
    instruction_batches,
    judge_rows,
    rejection_reasons,
    resume_batch,
    store_batch,
    take_in,
)
from counterfoil.settlement.cancelling import cancel, cancel_all
from counterfoil.settlement.changes import Change, change, events
from counterfoil.settlement.checks import checks
from counterfoil.settlement.clockwork import keep_day
from counterfoil.settlement.cycle import Cycle, cycles, run_cycle
from counterfoil.settlement.daily import do_event, run_extra_cycle
from counterfoil.settlement.day import (
    any_day,
    current_business_date,
    current_day,
    days,
    event_of,
    open_day,
    shift_cut_off,
)
from counterfoil.settlement.end_of_day import EndOfDay, day_report
from counterfoil.settlement.errors import PRICE, UNKNOWN_BATCH, UNKNOWN_INSTRUCTION, iso_reason
from counterfoil.settlement.exchange_rates import ExchangeRate, known_exchange_rates, set_exchange_rates
from counterfoil.settlement.fulfilment import Fulfilment, fulfilments
from counterfoil.settlement.holding import change_holds
from counterfoil.settlement.instructions import Accepted, Rejected, accept
from counterfoil.settlement.integrity import daily_statements
from counterfoil.settlement.links import links_of
from counterfoil.settlement.matching import match
from counterfoil.settlement.model import (
    CashDirection,
    Hold,
    Instruction,
    Link,
    LinkKind,
    Movement,
    Partial,
    Payment,
    Pool,
    State,
)
from counterfoil.settlement.nearest import Mismatch, mismatches
from counterfoil.settlement.on_demand import mark_down
from counterfoil.settlement.overview import (
    IntegrityCheck,
    Unsettled,
    UnsettledByReason,
    last_integrity_check,
    settled_by_minute,
    unsettled_by_reason,
)
from counterfoil.settlement.penalties import net_penalties, penalties_charged
from counterfoil.settlement.penalty_data import (
    ReferencePrice,
    declare_insolvent,
    insolvencies,
    overnight_rates,
    penalty_rates,
    prices,
    read_prices,
    set_overnight_rate,
    set_penalty_rate,
    set_prices,
)
from counterfoil.settlement.penalty_rules import AssetClass, month_cycle
from counterfoil.settlement.realtime import resume, resume_accounts, settle
from counterfoil.settlement.requests import LinkRequest, Number, Text35, read_instruction
from counterfoil.settlement.searching import By, Order, Wanted, orders_of
from counterfoil.settlement.statuses import allegements, explain_unmatched, find_instructions, seen_by
from counterfoil.settlement.submission import instruct, instruct_matched
from counterfoil.settlement.timetable import ZONE, Day, EventKind, TimetableEntry
from counterfoil.settlement.timetable_versions import add_timetable, timetables
from counterfoil.settlement.trades import Trade, read_trade

__all__ = [
    "DAY_ENDED",
    "INSTRUCTION",
    "PRICE",
    "TRANSACTION",
    "UNKNOWN_BATCH",
    "UNKNOWN_INSTRUCTION",
    "ZONE",
    "Accepted",
    "AssetClass",
    "BatchSubmission",
    "By",
    "CashDirection",
    "Change",
    "Cycle",
    "Day",
    "EndOfDay",
    "EventKind",
    "ExchangeRate",
    "Fulfilment",
    "Hold",
    "Instruction",
    "IntegrityCheck",
    "Link",
    "LinkKind",
    "LinkRequest",
    "Mismatch",
    "Movement",
    "Named",
    "Number",
    "Order",
    "Part",
    "Partial",
    "Payment",
    "Pool",
    "ReferencePrice",
    "Rejected",
    "Standing",
    "State",
    "Text35",
    "TimetableEntry",
    "Trade",
    "Unsettled",
    "UnsettledByReason",
    "Wanted",
    "accept",
    "add_timetable",
    "allegements",
    "any_day",
    "batch_payload",
    "batch_payloads",
    "batch_progress",
    "batch_results",
    "cancel",
    "cancel_all",
    "change",
    "change_holds",
    "checks",
    "current_business_date",
    "current_day",
    "cycles",
    "daily_statements",
    "day_report",
    "days",
    "declare_insolvent",
    "do_event",
    "event_of",
    "events",
    "explain_unmatched",
    "find_instructions",
    "fulfilments",
    "insolvencies",
    "instruct",
    "instruct_matched",
    "instruction_batches",
    "instructions_by_reference",
    "iso_reason",
    "judge_rows",
    "keep_day",
    "known_exchange_rates",
    "last_integrity_check",
    "links_of",
    "mark_down",
    "match",
    "mismatches",
    "month_cycle",
    "net_penalties",
    "open_day",
    "orders_of",
    "overnight_rates",
    "penalties_charged",
    "penalty_rates",
    "prices",
    "read_instruction",
    "read_prices",
    "read_trade",
    "references_of",
    "rejection_reasons",
    "resume",
    "resume_accounts",
    "resume_batch",
    "run_cycle",
    "run_extra_cycle",
    "seen_by",
    "set_exchange_rates",
    "set_overnight_rate",
    "set_penalty_rate",
    "set_prices",
    "settle",
    "settled_by_minute",
    "settled_parts",
    "shift_cut_off",
    "sides",
    "standings",
    "store_batch",
    "take_in",
    "timetables",
    "unsettled_by_reason",
]
