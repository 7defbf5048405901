"""Refusals of terms."""

from counterfoil.core.errors import rule

# fmt: off
MISSING = rule("INS-001", "Missing field", 'The field "{field}" is missing.', "Add the field.")
UNKNOWN = rule("INS-002", "Unknown field", 'There is no field "{field}" here{hint}.', "Remove or rename the field.")
TYPE = rule("INS-003", "Wrong type", "The value is not {wanted}.", "Send a value of the stated type.")
FORM = rule("INS-004", "Wrong form", "The text does not have the required form: {reason}.", "Correct the text.")
RANGE = rule("INS-005", "Out of range", "The value is out of range: {reason}.", "Send a value within the range.")
CHOICE = rule("INS-006", "Not among the choices", "The value must be one of: {choices}.", "Choose one of these.")
CLASS = rule(
    "INS-007", "Unknown class", 'The class "{value}" is not known.',
    "Use an EUSIPA code, bond, note or commercial_paper; `counterfoil schema` lists them.",
)
MANY = rule("INS-008", "Too much is wrong", "{count} further fields are wrong.", "Correct the others first.")
CHECK_DIGIT = rule("INS-010", "Wrong check digit", "{kind} {value} fails its check digit.", "Correct the identifier.")
WKN_ISIN = rule("INS-011", "WKN and ISIN differ", "The WKN {wkn} does not stand in the ISIN {isin}.", "Correct one.")
CFI_UNKNOWN = rule("INS-012", "Invalid CFI", "The CFI {cfi} has a letter without meaning.", "Leave it out or mend it.")
CFI_CLASS = rule(
    "INS-013", "CFI does not fit", "The CFI {cfi} does not fit class {class_}; {proposed} would.",
    "Leave the CFI out, or use one that starts with the letters of the class.",
)
FISN_FORM = rule("INS-014", "Invalid FISN", "The FISN {fisn} does not have the form of ISO 18774.", "Leave it out.")
CURRENCY = rule("INS-015", "Unknown currency", "The currency {currency} is not known.", "Use an ISO 4217 code.")
CALENDAR = rule("INS-016", "Unknown calendar", 'The calendar "{calendar}" is not known.', "Use TARGET or XETR.")
PAST = rule("INS-020", "Date in the past", "{field} {day} lies before the business date {today}.", "Use a later date.")
ORDER = rule("INS-021", "Dates out of order", "{later} {later_day} must be {relation} {earlier} {earlier_day}.", "Correct the dates.")
CLOSED = rule("INS-022", "Not a business day", "{day} is no business day of {calendar}.", "Use a business day.")
FAR = rule("INS-023", "Date too far away", "{field} {day} lies more than {years} years ahead.", "Correct the date.")
NO_END = rule("INS-024", "End missing", "Class {class_} needs {field}.", "Add the date; only open-ended classes do without.")
OPEN_END = rule("INS-025", "End not possible", "Class {class_} is open-ended and has no {field}.", "Leave the date out, or use class 2200.")
BARRIER_SIDE = rule("INS-030", "Barrier on the wrong side", "The barrier {barrier} must be {relation} {what} {level}.", "Correct barrier or level.")
LEVELS = rule("INS-031", "Levels out of order", "{upper_name} {upper} must be {relation} {lower_name} {lower}.", "Correct the levels.")
COUPON_RULE = rule("INS-032", "Coupons not sane", "{reason}.", "Correct the coupon terms.")
BASKET = rule("INS-033", "Basket weights", "{reason}.", "Give every member of a basket a weight; they add up to 1.")
UNDERLYING = rule("INS-034", "Underlying does not fit", "{reason}.", "Correct the underlying.")
VOLUME = rule("INS-035", "Volume not in denominations", "The volume {volume} is no multiple of the denomination {denomination}.", "Correct one of them.")
PERCENT = rule("INS-036", "Percentage not sane", "{reason}.", "Correct the percentage.")
TENOR = rule("INS-037", "Tenor", "Commercial paper runs 1 to 364 days; this one runs {days}.", "Correct the dates or issue a note.")
CEILING = rule("INS-038", "Ceiling of the programme", "The volume {volume} is above the programme's ceiling {ceiling}.", "Issue less.")
DUPLICATE = rule("INS-039", "Stated twice", "{what} stands twice.", "Remove one.")
PRICE = rule("INS-040", "Price not sane", "{reason}.", "Correct price or quotation.")
UNIT = rule("INS-041", "Unit does not fit", "{reason}.", "Correct volume.unit or quotation.")
WKN_ALONE = rule("INS-043", "WKN without ISIN", "The WKN {wkn} stands without its ISIN {isin}.", "State the ISIN, or leave both out.")
COUNTRY = rule("INS-044", "Unknown country", "The country {country} is not known.", "Use an ISO 3166 code of two letters.")
EXERCISE = rule("INS-045", "Exercise dates do not fit", "{reason}.", "Correct style or exercise dates.")
# fmt: on
FIXED = rule(
    "INS-042",
    "Cannot be changed",
    "{field} may not change once the instrument is registered.",
    "Cancel the instrument and issue another.",
)  # fmt: skip
# fmt: off
OBSERVATION_MISSING = rule(
    "INS-060", "Observation missing", "The payoff needs {what}.", "Add the observation, or state the barrier's state.",
)
OBSERVATION_ODD = rule(
    "INS-061", "Observation does not fit", "{reason}.", "Correct the observations; they must be of these terms.",
)
NO_FORMULA = rule(
    "INS-062", "No formula", "{reason}.", "Take the amount from the calculation agent; it cannot be recomputed here.",
)
# fmt: on
