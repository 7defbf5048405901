"""Terms of the EUSIPA classes (investment products 11 to 14, leverage products 21 to 23)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from counterfoil.instruments.terms.envelope import Structured
from counterfoil.instruments.terms.fields import (
    Barrier,
    Coupons,
    Day,
    Direction,
    LeiText,
    Level,
    Number,
    OptionType,
    Part,
    Percent,
    Ratio,
    Style,
    Text,
    decimal,
)


class CapitalProtection(Structured):
    """1100: N·(p + a·max(0, (S_T-K)/S_0))."""

    class_: Literal["1100"] = Field(alias="class")
    floor_percent: Percent = Field(description="Protected share of nominal (p).", examples=["100"])
    participation_percent: Percent = Field(description="Participation in the rise (a).")
    strike: Level = Field(description="K.")


class Exchangeable(Structured):
    """1110: max(N·p, conversion value)."""

    class_: Literal["1110"] = Field(alias="class")
    floor_percent: Percent
    conversion_price: Level


class CappedCapitalProtection(Structured):
    """1120: as 1100, the gain limited to the cap."""

    class_: Literal["1120"] = Field(alias="class")
    floor_percent: Percent
    participation_percent: Percent
    strike: Level
    cap: Level


class CapitalProtectionKnockOut(Structured):
    """1130: as 1100 until the upper barrier is touched, then floor and rebate."""

    class_: Literal["1130"] = Field(alias="class")
    floor_percent: Percent
    participation_percent: Percent
    strike: Level
    barrier: Barrier
    rebate_percent: Percent = Field("0", validate_default=True)


class ConditionalCoupon(Part):
    """One observation of a conditional coupon."""

    date: Day
    coupon_percent: Percent
    coupon_barrier: Level


class CapitalProtectionCoupon(Structured):
    """1140: the floor at maturity, coupons where the underlying stands at or above a barrier."""

    class_: Literal["1140"] = Field(alias="class")
    floor_percent: Percent
    observations: tuple[ConditionalCoupon, ...] = Field(min_length=1, max_length=130)


class Discount(Structured):
    """1200: R·min(S_T, C)."""

    class_: Literal["1200"] = Field(alias="class")
    cap: Level


class BarrierDiscount(Structured):
    """1210: R·C while the barrier is untouched, else as 1200."""

    class_: Literal["1210"] = Field(alias="class")
    cap: Level
    barrier: Barrier


class ReverseConvertible(Structured):
    """1220: N if S_T >= K, else N·S_T/K or N/K shares; the coupon always."""

    class_: Literal["1220"] = Field(alias="class")
    strike: Level
    coupons: Coupons


class BarrierReverseConvertible(Structured):
    """1230: N unless the barrier was touched and S_T < K."""

    class_: Literal["1230"] = Field(alias="class")
    strike: Level
    barrier: Barrier
    coupons: Coupons


class CappedOutperformance(Structured):
    """1240: R·min(C', S_T + (a-1)·max(0, S_T-K))."""

    class_: Literal["1240"] = Field(alias="class")
    strike: Level
    participation_percent: Percent
    cap: Level = Field(description="Highest redemption for one unit of underlying (C').")


class CappedBonus(Structured):
    """1250: R·min(C, max(H, S_T)) while the barrier is untouched, else R·min(C, S_T)."""

    class_: Literal["1250"] = Field(alias="class")
    bonus_level: Level
    barrier: Barrier
    cap: Level


class Observation(Part):
    """One observation of an express product."""

    date: Day
    call_level: Level | None = Field(None, description="At or above it the product is called.")
    coupon_percent: Percent = Field("0", validate_default=True, description="Of nominal.")
    coupon_barrier: Level | None = Field(
        None, description="The coupon is paid at or above it; always if absent."
    )


class Express(Structured):
    """1260: early redemption on observation dates; barrier at the end."""

    class_: Literal["1260"] = Field(alias="class")
    observations: tuple[Observation, ...] = Field(min_length=1, max_length=130)
    memory: bool = Field(False, description="A later coupon brings the missed ones.")
    barrier: Barrier
    strike: Level = Field(description="S_0 of the final redemption N·S_T/S_0.")


class Tracker(Structured):
    """1300: R·S_T less fees."""

    class_: Literal["1300"] = Field(alias="class")


class Outperformance(Structured):
    """1310: R·(S_T + (a-1)·max(0, S_T-K))."""

    class_: Literal["1310"] = Field(alias="class")
    strike: Level
    participation_percent: Percent


class Bonus(Structured):
    """1320: R·max(H, S_T) while the barrier is untouched, else R·S_T."""

    class_: Literal["1320"] = Field(alias="class")
    bonus_level: Level
    barrier: Barrier


class OutperformanceBonus(Structured):
    """1330: 1310 and 1320 together."""

    class_: Literal["1330"] = Field(alias="class")
    strike: Level
    participation_percent: Percent
    bonus_level: Level
    barrier: Barrier


class TwinWin(Structured):
    """1340: R·(K+|S_T-K|) while the barrier is untouched, else R·S_T."""

    class_: Literal["1340"] = Field(alias="class")
    strike: Level
    barrier: Barrier


class ReferenceEntity(Part):
    """A debtor whose credit event ends the promise to pay in full."""

    name: Text
    lei: LeiText | None = None
    weight: Annotated[Number, decimal(gt=0, le=1)] | None = None


class CreditLinked(Structured):
    """14xx: N unless a credit event of the reference entity occurs, then the recovery."""

    class_: Literal["1400", "1410", "1420", "1430"] = Field(alias="class")
    underlyings: tuple[Any, ...] = Field((), max_length=0)
    reference_entities: tuple[ReferenceEntity, ...] = Field(min_length=1, max_length=125)
    recovery_percent: Percent | None = Field(None, description="Fixed recovery; the auction's if absent.")
    coupons: Coupons | None = None


class Warrant(Structured):
    """2100: R·max(0, ±(S_T-K))."""

    class_: Literal["2100"] = Field(alias="class")
    strike: Level
    option_type: OptionType
    style: Style = Style.AMERICAN
    automatic_exercise: bool = True


class SpreadWarrant(Structured):
    """2110: R·max(0, min(S_T, K2)-K1) for a call, R·max(0, K2-max(S_T, K1)) for a put."""

    class_: Literal["2110"] = Field(alias="class")
    lower_strike: Level
    upper_strike: Level
    option_type: OptionType
    style: Style = Style.EUROPEAN


class KnockOut(Structured):
    """2200 (with an end) and 2205 (open-ended): 0 or the residual once touched, else R·(±(S_T-K))."""

    class_: Literal["2200", "2205"] = Field(alias="class")
    strike: Level
    barrier: Barrier
    direction: Direction
    financing_percent: Annotated[Number, decimal(ge=-50, le=100)] | None = Field(
        None, description="Yearly rate by which strike and barrier of an open-ended product are adjusted."
    )


class MiniFuture(Structured):
    """2210: once the stop-loss is touched, the residual R·(±(S_stop-F_t))."""

    class_: Literal["2210"] = Field(alias="class")
    financing_level: Level
    stop_loss: Level
    direction: Direction
    financing_percent: Annotated[Number, decimal(ge=-50, le=100)] | None = None


class DoubleKnockOut(Structured):
    """2230: nothing once either barrier is touched."""

    class_: Literal["2230"] = Field(alias="class")
    strike: Level
    option_type: OptionType
    lower_barrier: Barrier
    upper_barrier: Barrier


class ConstantLeverage(Structured):
    """2300: V_t = V_(t-1)·(1 + L·(S_t/S_(t-1) - 1) - costs), reset within the day at the threshold."""

    class_: Literal["2300"] = Field(alias="class")
    leverage: Ratio = Field(description="L, without its sign.", examples=["5"])
    direction: Direction
    reset_threshold_percent: Percent = Field(description="Move of the underlying that resets within the day.")
    costs_percent: Percent = Field("0", validate_default=True, description="Per year.")


class FreeTerms(Structured):
    """x99: what no other class describes."""

    class_: Literal["1199", "1299", "1399", "1499", "2199", "2299", "2399"] = Field(alias="class")
    underlyings: tuple[Any, ...] = Field((), max_length=0)
    free_terms: dict[Annotated[str, Field(max_length=60)], Text | bool | Number | None] = Field(
        min_length=1, max_length=100, description="Named values that the documents explain."
    )


STRUCTURED = (
    CapitalProtection, Exchangeable, CappedCapitalProtection, CapitalProtectionKnockOut, CapitalProtectionCoupon,
    Discount, BarrierDiscount, ReverseConvertible, BarrierReverseConvertible, CappedOutperformance, CappedBonus,
    Express, Tracker, Outperformance, Bonus, OutperformanceBonus, TwinWin, CreditLinked, Warrant, SpreadWarrant,
    KnockOut, MiniFuture, DoubleKnockOut, ConstantLeverage, FreeTerms,
)  # fmt: skip
