"""Terms of the EUSIPA classes (investment products 11 to 14, leverage products 21 to 23)."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from counterfoil.core.days import IsoDate
from counterfoil.instruments.terms.envelope import Structured
from counterfoil.instruments.terms.fields import (
    Barrier,
    Coupons,
    Direction,
    Flag,
    FreeName,
    FreeValue,
    LeiText,
    Level,
    OptionType,
    Part,
    Percent,
    Ratio,
    Style,
    Text,
    Underlying,
    Weight,
    decimal,
)

Financing = Annotated[Decimal, decimal(ge=-50, le=100)]
Token = Annotated[Decimal, decimal(gt=0, le=1)]
"""A small amount that is paid for what has become worthless."""


def _token() -> Any:
    return Field(
        None, description="Paid for a unit that is knocked out, if its residual is less.", examples=["0.001"]
    )


class CapitalProtection(Structured):
    """1100: N·(p + a·max(0, (S_T-K)/S_0))."""

    class_: Literal["1100"] = Field(alias="class", description="EUSIPA code.")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    participation_percent: Percent = Field(
        description="Participation in the rise (a); 100 is one to one.", examples=["80"]
    )
    strike: Level = Field(description="Strike K.", examples=["150"])


class Exchangeable(Structured):
    """1110: max(N·p, conversion value)."""

    class_: Literal["1110"] = Field(alias="class", description="EUSIPA code.")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    conversion_price: Level = Field(
        description="Price at which nominal converts into units of underlying.", examples=["165"]
    )


class CappedCapitalProtection(Structured):
    """1120: as 1100, the gain limited to the cap."""

    class_: Literal["1120"] = Field(alias="class", description="EUSIPA code.")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    participation_percent: Percent = Field(
        description="Participation (a); 100 is one to one.", examples=["150"]
    )
    strike: Level = Field(description="Strike K.", examples=["150"])
    cap: Level = Field(description="Cap C: no gain above it.", examples=["190"])


class CapitalProtectionKnockOut(Structured):
    """1130: as 1100 until the upper barrier is touched, then floor and rebate."""

    class_: Literal["1130"] = Field(alias="class", description="EUSIPA code.")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    participation_percent: Percent = Field(
        description="Participation (a); 100 is one to one.", examples=["150"]
    )
    strike: Level = Field(description="Strike K.", examples=["150"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")
    rebate_percent: Percent = Field(
        Decimal(0), description="Paid above the floor once the barrier was touched, of nominal."
    )


class ConditionalCoupon(Part):
    """One observation of a conditional coupon."""

    date: IsoDate = Field(description="Day of observation.", examples=["2027-06-17"])
    coupon_percent: Percent = Field(description="Of nominal, not per year.", examples=["2"])
    coupon_barrier: Level = Field(description="The coupon is paid at or above it.", examples=["150"])


class CapitalProtectionCoupon(Structured):
    """1140: the floor at maturity, coupons where the underlying stands at or above a barrier."""

    class_: Literal["1140"] = Field(alias="class", description="EUSIPA code.")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    observations: tuple[ConditionalCoupon, ...] = Field(
        min_length=1, max_length=130, description="In order of time."
    )


class Discount(Structured):
    """1200: R·min(S_T, C)."""

    class_: Literal["1200"] = Field(alias="class", description="EUSIPA code.")
    cap: Level = Field(description="Cap C: no gain above it.", examples=["190"])


class BarrierDiscount(Structured):
    """1210: R·C while the barrier is untouched, else as 1200."""

    class_: Literal["1210"] = Field(alias="class", description="EUSIPA code.")
    cap: Level = Field(description="Cap C: no gain above it.", examples=["190"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")


class ReverseConvertible(Structured):
    """1220: N if S_T >= K, else N·S_T/K or N/K shares; the coupon always."""

    class_: Literal["1220"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    coupons: Coupons = Field(description="Interest, paid whatever the underlying does.")


class BarrierReverseConvertible(Structured):
    """1230: N unless the barrier was touched and S_T < K."""

    class_: Literal["1230"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")
    coupons: Coupons = Field(description="Interest, paid whatever the underlying does.")


class CappedOutperformance(Structured):
    """1240: R·min(C', S_T + (a-1)·max(0, S_T-K))."""

    class_: Literal["1240"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    participation_percent: Percent = Field(
        description="Participation (a); 100 is one to one.", examples=["150"]
    )
    cap: Level = Field(description="Highest redemption for one unit of underlying (C').", examples=["200"])


class CappedBonus(Structured):
    """1250: R·min(C, max(H, S_T)) while the barrier is untouched, else R·min(C, S_T)."""

    class_: Literal["1250"] = Field(alias="class", description="EUSIPA code.")
    bonus_level: Level = Field(description="Bonus level H.", examples=["170"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")
    cap: Level = Field(description="Cap C: no gain above it.", examples=["190"])


class Observation(Part):
    """One observation of an express product."""

    date: IsoDate = Field(description="Day of observation.", examples=["2027-06-17"])
    call_level: Level | None = Field(
        None, description="At or above it the product is called; never if absent.", examples=["150"]
    )
    coupon_percent: Percent = Field(Decimal(0), description="Of nominal.")
    coupon_barrier: Level | None = Field(
        None, description="The coupon is paid at or above it; always if absent.", examples=["100"]
    )


class Express(Structured):
    """1260: early redemption on observation dates; barrier at the end."""

    class_: Literal["1260"] = Field(alias="class", description="EUSIPA code.")
    observations: tuple[Observation, ...] = Field(
        min_length=1, max_length=130, description="In order of time; the last is the final one."
    )
    memory: Flag = Field(False, description="A later coupon brings the missed ones.")
    barrier: Barrier = Field(description="Barrier B and how it is observed.")
    strike: Level = Field(description="S_0 of the final redemption N·S_T/S_0.", examples=["150"])


class Tracker(Structured):
    """1300: R·S_T less fees."""

    class_: Literal["1300"] = Field(alias="class", description="EUSIPA code.")


class Outperformance(Structured):
    """1310: R·(S_T + (a-1)·max(0, S_T-K))."""

    class_: Literal["1310"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    participation_percent: Percent = Field(
        description="Participation (a); 100 is one to one.", examples=["150"]
    )


class Bonus(Structured):
    """1320: R·max(H, S_T) while the barrier is untouched, else R·S_T."""

    class_: Literal["1320"] = Field(alias="class", description="EUSIPA code.")
    bonus_level: Level = Field(description="Bonus level H.", examples=["170"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")


class OutperformanceBonus(Structured):
    """1330: 1310 and 1320 together."""

    class_: Literal["1330"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    participation_percent: Percent = Field(
        description="Participation (a); 100 is one to one.", examples=["150"]
    )
    bonus_level: Level = Field(description="Bonus level H.", examples=["170"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")


class TwinWin(Structured):
    """1340: R·(K+|S_T-K|) while the barrier is untouched, else R·S_T."""

    class_: Literal["1340"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")


class ReferenceEntity(Part):
    """A debtor whose credit event ends the promise to pay in full."""

    name: Text = Field(description="Legal name.", examples=["Muster AG"])
    lei: LeiText | None = Field(None, description="LEI, where it has one.")
    weight: Weight | None = Field(None, description="Share, where there are several.", examples=["0.2"])


class CreditLinked(Structured):
    """14xx: N unless a credit event of the reference entity occurs, then the recovery."""

    class_: Literal["1400", "1410", "1420", "1430"] = Field(alias="class", description="EUSIPA code.")
    underlyings: tuple[Underlying, ...] = Field(
        (), max_length=30, description="Only where the payoff depends on prices too."
    )
    reference_entities: tuple[ReferenceEntity, ...] = Field(
        min_length=1, max_length=125, description="Whose credit events count."
    )
    recovery_percent: Percent | None = Field(
        None, description="Fixed recovery of nominal; the auction's if absent.", examples=["40"]
    )
    coupons: Coupons | None = Field(None, description="Interest until a credit event; none if absent.")


class Warrant(Structured):
    """2100: R·max(0, ±(S_T-K))."""

    class_: Literal["2100"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    option_type: OptionType = Field(description="Call or put.")
    style: Style = Field(Style.AMERICAN, description="When it may be exercised.")
    automatic_exercise: Flag = Field(True, description="Exercised at expiry without a notice.")


class SpreadWarrant(Structured):
    """2110: R·max(0, min(S_T, K2)-K1) for a call, R·max(0, K2-max(S_T, K1)) for a put."""

    class_: Literal["2110"] = Field(alias="class", description="EUSIPA code.")
    lower_strike: Level = Field(description="K1.", examples=["140"])
    upper_strike: Level = Field(description="K2.", examples=["160"])
    option_type: OptionType = Field(description="Call or put.")
    style: Style = Field(Style.EUROPEAN, description="When it may be exercised.")


class KnockOut(Structured):
    """2200 (with an end) and 2205 (open-ended): 0 or the residual once touched, else R·(±(S_T-K))."""

    class_: Literal["2200", "2205"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    barrier: Barrier = Field(description="Barrier B and how it is observed.")
    direction: Direction = Field(description="Which way the holder gains.")
    financing_percent: Financing | None = Field(
        None,
        description="Yearly rate by which strike and barrier of an open-ended product are adjusted.",
        examples=["4.5"],
    )
    knock_out_amount: Token | None = _token()


class MiniFuture(Structured):
    """2210: once the stop-loss is touched, the residual R·(±(S_stop-F_t))."""

    class_: Literal["2210"] = Field(alias="class", description="EUSIPA code.")
    financing_level: Level = Field(description="F: what the issuer lends.", examples=["110"])
    stop_loss: Level = Field(
        description="At this level the product ends; the issuer sets it anew by an amendment.",
        examples=["115"],
    )
    direction: Direction = Field(description="Which way the holder gains.")
    financing_percent: Financing | None = Field(
        None, description="Yearly rate by which the financing level is adjusted.", examples=["4.5"]
    )
    knock_out_amount: Token | None = _token()


class DoubleKnockOut(Structured):
    """2230: nothing once either barrier is touched."""

    class_: Literal["2230"] = Field(alias="class", description="EUSIPA code.")
    strike: Level = Field(description="Strike K.", examples=["150"])
    option_type: OptionType = Field(description="Call or put.")
    lower_barrier: Barrier = Field(description="Barrier below the price.")
    upper_barrier: Barrier = Field(description="Barrier above the price.")
    knock_out_amount: Token | None = _token()


class ConstantLeverage(Structured):
    """2300: V_t = V_(t-1)·(1 + L·(S_t/S_(t-1) - 1) - costs), reset within the day at the threshold."""

    class_: Literal["2300"] = Field(alias="class", description="EUSIPA code.")
    leverage: Ratio = Field(description="L, without its sign.", examples=["5"])
    direction: Direction = Field(description="Which way the holder gains.")
    reset_threshold_percent: Percent = Field(
        description="Move of the underlying against the holder that resets within the day.", examples=["15"]
    )
    costs_percent: Percent = Field(Decimal(0), description="Per year, of the value.")


class FreeTerms(Structured):
    """x99: what no other class describes."""

    class_: Literal["1199", "1299", "1399", "1499", "2199", "2299", "2399"] = Field(
        alias="class", description="EUSIPA code."
    )
    underlyings: tuple[Underlying, ...] = Field(
        (), max_length=30, description="What the payoff depends on, if anything."
    )
    free_terms: dict[FreeName, FreeValue] = Field(
        min_length=1,
        max_length=100,
        description="Named texts, numbers or flags that the documents explain.",
        examples=[{"payoff": "see final terms, annex 2", "floor_percent": "90"}],
    )


STRUCTURED = (
    CapitalProtection, Exchangeable, CappedCapitalProtection, CapitalProtectionKnockOut, CapitalProtectionCoupon,
    Discount, BarrierDiscount, ReverseConvertible, BarrierReverseConvertible, CappedOutperformance, CappedBonus,
    Express, Tracker, Outperformance, Bonus, OutperformanceBonus, TwinWin, CreditLinked, Warrant, SpreadWarrant,
    KnockOut, MiniFuture, DoubleKnockOut, ConstantLeverage, FreeTerms,
)  # fmt: skip
