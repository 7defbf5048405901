"""The market that the sample day is drawn from: real underlyings with plausible prices, and how often each occurs.

Prices are of the right size, not quotes. ISINs are those of the listed shares and indices; a test verifies their
check digits.
"""

from typing import NamedTuple


class Asset(NamedTuple):
    """An underlying: `spot_cents` is its price in hundredths of its currency, `weight` how often it is used."""

    kind: str
    name: str
    isin: str | None
    spot_cents: int
    weight: int = 10
    currency: str = "EUR"
    symbol: str | None = None


# fmt: off
SHARES = (
    Asset("equity", "adidas AG", "DE000A1EWWW0", 18_450),
    Asset("equity", "Airbus SE", "NL0000235190", 20_310, 15),
    Asset("equity", "Allianz SE", "DE0008404005", 36_120, 25),
    Asset("equity", "BASF SE", "DE000BASF111", 4_385, 25),
    Asset("equity", "Bayer AG", "DE000BAY0017", 2_770, 25),
    Asset("equity", "Beiersdorf AG", "DE0005200000", 10_150),
    Asset("equity", "Bayerische Motoren Werke AG", "DE0005190003", 8_640, 20),
    Asset("equity", "Brenntag SE", "DE000A1DAHH0", 5_210),
    Asset("equity", "Commerzbank AG", "DE000CBK1001", 3_240, 20),
    Asset("equity", "Continental AG", "DE0005439004", 6_380),
    Asset("equity", "Daimler Truck Holding AG", "DE000DTR0CK8", 3_690),
    Asset("equity", "Deutsche Bank AG", "DE0005140008", 3_020, 25),
    Asset("equity", "Deutsche Börse AG", "DE0005810055", 21_900),
    Asset("equity", "Deutsche Post AG", "DE0005552004", 4_440, 15),
    Asset("equity", "Deutsche Telekom AG", "DE0005557508", 2_790, 20),
    Asset("equity", "E.ON SE", "DE000ENAG999", 1_610, 15),
    Asset("equity", "Fresenius SE & Co. KGaA", "DE0005785604", 4_730),
    Asset("equity", "Fresenius Medical Care AG", "DE0005785802", 4_150),
    Asset("equity", "GEA Group AG", "DE0006602006", 6_020),
    Asset("equity", "Hannover Rück SE", "DE0008402215", 25_300),
    Asset("equity", "Heidelberg Materials AG", "DE0006047004", 20_700),
    Asset("equity", "Henkel AG & Co. KGaA", "DE0006048432", 6_930),
    Asset("equity", "Infineon Technologies AG", "DE0006231004", 3_460, 20),
    Asset("equity", "Mercedes-Benz Group AG", "DE0007100000", 5_520, 20),
    Asset("equity", "Merck KGaA", "DE0006599905", 11_240),
    Asset("equity", "MTU Aero Engines AG", "DE000A0D9PT0", 35_800),
    Asset("equity", "Münchener Rückversicherungs-Gesellschaft AG", "DE0008430026", 54_900, 15),
    Asset("equity", "Dr. Ing. h.c. F. Porsche AG", "DE000PAG9113", 4_590),
    Asset("equity", "Porsche Automobil Holding SE", "DE000PAH0038", 3_550),
    Asset("equity", "Rheinmetall AG", "DE0007030009", 171_500, 30),
    Asset("equity", "RWE AG", "DE0007037129", 4_280, 15),
    Asset("equity", "SAP SE", "DE0007164600", 22_650, 30),
    Asset("equity", "Sartorius AG", "DE0007165631", 21_300),
    Asset("equity", "Scout24 SE", "DE000A12DM80", 9_870),
    Asset("equity", "Siemens AG", "DE0007236101", 23_480, 25),
    Asset("equity", "Siemens Energy AG", "DE000ENER6Y0", 11_150, 25),
    Asset("equity", "Siemens Healthineers AG", "DE000SHL1006", 4_690),
    Asset("equity", "Symrise AG", "DE000SYM9999", 7_640),
    Asset("equity", "Volkswagen AG", "DE0007664039", 9_480, 25),
    Asset("equity", "Vonovia SE", "DE000A1ML7J1", 2_610, 15),
    Asset("equity", "Zalando SE", "DE000ZAL1111", 2_420),
)
FOREIGN_SHARES = (
    Asset("equity", "Apple Inc.", "US0378331005", 26_400, 15, "USD"),
    Asset("equity", "Amazon.com Inc.", "US0231351067", 22_700, 15, "USD"),
    Asset("equity", "Microsoft Corp.", "US5949181045", 47_800, 15, "USD"),
    Asset("equity", "NVIDIA Corp.", "US67066G1040", 18_200, 30, "USD"),
    Asset("equity", "Tesla Inc.", "US88160R1014", 39_500, 30, "USD"),
)
INDICES = (
    Asset("index", "DAX", "DE0008469008", 2_395_000, 250),
    Asset("index", "MDAX", "DE0008467416", 2_960_000, 15),
    Asset("index", "TecDAX", "DE0007203275", 361_000, 10),
    Asset("index", "SDAX", "DE0009653386", 1_670_000, 5),
    Asset("index", "EURO STOXX 50", "EU0009658145", 565_000, 60),
    Asset("index", "STOXX Europe 600", "EU0009658202", 56_800, 5),
    Asset("index", "CAC 40", "FR0003500008", 808_000, 5),
)
FOREIGN_INDICES = (
    Asset("index", "S&P 500", "US78378X1072", 673_000, 40, "USD"),
    Asset("index", "Nasdaq-100", "US6311011026", 2_490_000, 60, "USD"),
    Asset("index", "Dow Jones Industrial Average", "US2605661048", 4_680_000, 30, "USD"),
    Asset("index", "SMI", "CH0009980894", 1_260_000, 5, "CHF"),
)
OTHERS = (
    Asset("commodity", "Gold", None, 408_000, 40, "USD", "XAUUSD"),
    Asset("commodity", "Silver", None, 5_060, 25, "USD", "XAGUSD"),
    Asset("commodity", "Brent Crude Oil", None, 6_350, 20, "USD", "BRENT"),
    Asset("currency", "EUR/USD", None, 115, 10, "USD", "EURUSD"),
)
# fmt: on

HOME = (*SHARES, *INDICES)
"""In euro: investment products are written on these."""
WORLD = (*HOME, *FOREIGN_SHARES, *FOREIGN_INDICES, *OTHERS)
"""Leverage products are written on all."""

CLASS_WEIGHTS: dict[str, int] = {
    # leverage: the larger part by count
    "2205": 330, "2100": 230, "2210": 90, "2200": 80, "2300": 40, "2110": 8, "2230": 4,
    # investment
    "1200": 85, "1250": 45, "1320": 15, "1220": 22, "1230": 10, "1260": 14, "1210": 4, "1300": 3, "1100": 2,
    "1120": 3, "1140": 2, "1310": 2, "1330": 1, "1340": 1, "1240": 1, "1130": 1, "1110": 1, "1400": 2, "1299": 1,
    # debt
    "bond": 3, "note": 4, "commercial_paper": 8,
}  # fmt: skip
"""How many of about a thousand new products belong to each class: the shape of a German day, rounded."""
