"""What anyone may recompute from published terms: the schedule, and a payment from observations."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from counterfoil.core.errors import Refused
from counterfoil.instruments.payoff import Observations, payoff
from counterfoil.instruments.schedule import schedule
from counterfoil.instruments.terms import Envelope
from counterfoil.instruments.validation.structure import refusals


def schedule_of(terms: Envelope) -> list[dict[str, object]]:
    """Every event to maturity, in JSON form."""
    return [event.as_dict() for event in schedule(terms)]


def recompute_payoff(terms: Envelope, raw: Mapping[str, Any]) -> dict[str, object]:
    """The payoff and each step to it, in JSON form, from observations as parsed JSON.

    Raises `Refused` with everything that is wrong with the observations, or that is missing.
    """
    try:
        observations = Observations.model_validate(raw)
    except ValidationError as error:
        raise Refused(*refusals(error, raw, "")) from None
    return payoff(terms, observations).as_dict()
