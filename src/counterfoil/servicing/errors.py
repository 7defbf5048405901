"""Refusals of servicing."""

from counterfoil.core.errors import rule

UNKNOWN_EVENT = rule("SRV-001", "Unknown event", "There is no event {event}.", "Check the id.", status=404)
RANGE = rule(
    "SRV-002", "Range of days", "The range from {first} to {last} is empty or longer than {most} days.",
    "Ask for fewer days, the first not after the last.",
)  # fmt: skip
OBSERVATION_FIELD = rule(
    "SRV-010", "Observation cannot be read", "The field is {wanted}.",
    "Send kind, subject, day, source and what the kind needs: value (low, high), hit_on or choice.",
)  # fmt: skip
UNKNOWN_SOURCE = rule(
    "SRV-011", "Unknown source", "There is no source {source}.", "Have the depository name it, or correct it.",
)  # fmt: skip
CORRECTION_UNEXPLAINED = rule(
    "SRV-012", "Correction without a reason", "{source} has said something else of {subject} on {day} before.",
    "Say why it changes, in `reason`.", status=409,
)  # fmt: skip
UNKNOWN_OBSERVATION = rule(
    "SRV-013", "Unknown observation", "There is no observation {observation}.", "Check the id.", status=404,
)  # fmt: skip
OWN_OBSERVATION = rule(
    "SRV-014", "Own observation", "{actor} has entered the observation and may not confirm it.",
    "Have another person confirm it, or a second source say the same.", status=403,
)  # fmt: skip
NOT_YET = rule(
    "SRV-015", "Observation of the future", "Nothing can have been observed for {day} yet.", "Correct the day.",
)  # fmt: skip
UNKNOWN_DISPUTE = rule(
    "SRV-016", "No open dispute", "There is no open dispute {dispute}.", "Check the id.", status=404,
)  # fmt: skip
OWN_DISPUTE = rule(
    "SRV-017", "Own dispute", "{actor} has raised the dispute and may not decide it.", "Have another decide it.",
    status=403,
)  # fmt: skip
TICK_FIELD = rule(
    "SRV-018", "Tick cannot be read", "The field is {wanted}.",
    "Send underlying, source, at and price; close, sequence and reason if need be.",
)  # fmt: skip
TICK_ODD = rule("SRV-019", "Tick cannot be taken", "{reason}.", "Correct the tick.")
ENDS_OTHERWISE = rule(
    "SRV-020", "Ends otherwise", "The security does not end by the event of {day}: it {said}.",
    "Look at its other events, and at the observations.", status=409,
)  # fmt: skip
CREDIT_OPEN = rule(
    "SRV-021", "Credit events are open", "Until {moment} a credit event may still be stated that changes the amount.",
    "Wait; the event is decided by itself then.", status=409,
)  # fmt: skip
NOT_PAID = rule(
    "SRV-030", "Not paid", "The event {event} has not been paid.", "Only what was paid is corrected.", status=409,
)  # fmt: skip
NOT_LIVE = rule(
    "SRV-040", "Security not live", "{isin} is not registered, or it is not active.", "Correct the ISIN.", status=409,
)  # fmt: skip
NO_RIGHT = rule(
    "SRV-041", "No such right", "The terms of {isin} give no such right on {day}.",
    "Look at the schedule for the days of rights.",
)  # fmt: skip
CALL_ODD = rule("SRV-042", "Call cannot be made", "{reason}.", "Correct the request.")
EXERCISE_ODD = rule("SRV-043", "Exercise cannot be made", "{reason}.", "Correct the request.")
KNOCKED_OUT = rule(
    "SRV-044", "Knocked out already", "The knock-out of {isin} is under way.", "Look at its events.", status=409,
)  # fmt: skip
EXERCISE_LATE = rule(
    "SRV-045", "Exercised too late", "What is exercised for {day} arrives by {deadline}.",
    "Exercise for a later day, if the terms give one.", status=409,
)  # fmt: skip
NOT_DETERMINED = rule(
    "SRV-050", "Not decided", "What the event {event} pays has not been decided.",
    "Look at the event: it says what is lacking.", status=404,
)  # fmt: skip
NO_PROOF = rule(
    "SRV-051", "Not a proof", "The document is no proof of an amount ({reason}).",
    "Send what `counterfoil recompute EVENT --json` prints.",
)  # fmt: skip
NOT_AN_AMOUNT = rule("SRV-052", "Not an amount", "{amount} is out of range here.", "Correct the number.")
NOT_SUSPENDED = rule(
    "SRV-060", "Nothing in suspense", "Nothing of the event {event} stands in suspense for {account}.",
    "Look at what stands in suspense.", status=404,
)  # fmt: skip
RELEASE_ODD = rule(
    "SRV-061", "Cannot be released", "{reason}.",
    "What a blocked account is owed is released when its block ends, what a closed one is owed to its owner's other.",
    status=409,
)  # fmt: skip
NOT_REFUSED = rule(
    "SRV-062", "Not refused", "The event {event} was not refused by a person, or has been reopened.",
    "Only what a person has refused is decided anew, and only once for each refusal.", status=409,
)  # fmt: skip
ASKED_FOR = rule(
    "SRV-063", "Was asked for", "The event {event} ({kind}) follows from a request.", "Make the request again.",
    status=409,
)  # fmt: skip
FACTOR = rule(
    "SRV-070", "Factor out of range", "The factor {factor} is not above 0 and below 1000, is 1, or has over 8 decimals.",
    "Send the price after the action over the price before it, rounded to 8 decimals.",
)  # fmt: skip
ADJUSTED_ALREADY = rule(
    "SRV-071", "Adjusted already", "An adjustment of {underlying} for {day} is there already.",
    "Have it refused first if it is wrong.", status=409,
)  # fmt: skip
UNKNOWN_ADJUSTMENT = rule(
    "SRV-072", "Unknown adjustment", "There is no adjustment {adjustment}.", "Check the id.", status=404,
)  # fmt: skip
