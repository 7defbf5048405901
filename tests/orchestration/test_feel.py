"""FEEL: a table of expressions with their values, and properties over random ones."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.orchestration import feel
from counterfoil.orchestration.feel import CLOCK, FeelError, FeelSyntax
from counterfoil.orchestration.iso8601 import Duration, parse_cycle, parse_duration, parse_instant

# expression | variables as JSON | value as JSON (numbers with a point are compared as decimals)
TABLE = r"""
1 + 2 * 3                                   |                            | 7
(1 + 2) * 3                                 |                            | 9
7 / 2                                       |                            | 3.5
6 / 2                                       |                            | 3
0.1 + 0.2                                   |                            | 0.3
1 / 0                                       |                            | null
2 ** 10                                     |                            | 1024
-2 ** 2                                     |                            | 4
- a                                         | {"a": 5}                   | -5
1 - -1                                      |                            | 2
10 - 3 - 2                                  |                            | 5
1 + null                                    |                            | null
1 + "a"                                     |                            | null
true + 1                                    |                            | null
"a" + "b"                                   |                            | "ab"
"say \"hi\" \u00e9"                         |                            | "say \"hi\" é"
amount * 1.5                                | {"amount": 3}              | 4.5
amount                                      | {}                         | null
order.client.name                           | {"order": {"client": {"name": "N"}}} | "N"
order.client.name                           | {"order": null}            | null
legs.isin                                   | {"legs": [{"isin": "A"}, {"isin": "B"}]} | ["A", "B"]
`with space`                                | {"with space": 1}          | 1

a = 1                                       | {"a": 1}                   | true
a = 1.0                                     | {"a": 1}                   | true
a = "1"                                     | {"a": 1}                   | null
a = null                                    | {}                         | true
a != null                                   | {"a": 0}                   | true
null = 0                                    |                            | false
a = true                                    | {"a": 1}                   | null
[1, true] = [1, 1]                          |                            | false
{a: 1} = {a: 1.0}                           |                            | true
a < 2                                       | {"a": 1}                   | true
a < 2                                       | {}                         | null
a < "2"                                     | {"a": 1}                   | null
"a" < "b"                                   |                            | true
a >= 2                                      | {"a": 2}                   | true
a between 1 and 3                           | {"a": 3}                   | true
a between 1 and 3                           | {"a": 4}                   | false
a between 1 and 3                           | {}                         | null
a between 1 and 3 and true                  | {"a": 1}                   | true

true and null                               |                            | null
false and null                              |                            | false
null and false                              |                            | false
true or null                                |                            | true
null or true                                |                            | true
false or null                               |                            | null
1 and true                                  |                            | null
not(true)                                   |                            | false
not(null)                                   |                            | null
kind = "NEW" and approved                   | {"kind": "NEW", "approved": true} | true
a = 1 or b = 2 and c = 3                    | {"a": 1, "b": 0, "c": 0}   | true
if a > 1 then "big" else "small"            | {"a": 2}                   | "big"
if a > 1 then "big" else "small"            | {}                         | "small"
if false then 1 else if true then 2 else 3  |                            | 2

a in [1..5]                                 | {"a": 5}                   | true
a in [1..5)                                 | {"a": 5}                   | false
a in ]1..5]                                 | {"a": 1}                   | false
a in (1..5)                                 | {"a": 3}                   | true
a in [1, 2, 3]                              | {"a": 2}                   | true
a in (1, 2, > 10)                           | {"a": 11}                  | true
a in (1, 2, [5..6])                         | {"a": 7}                   | false
a in > 3                                    | {"a": 4}                   | true
a in (< 3)                                  | {"a": 4}                   | false
a in kinds                                  | {"a": "X", "kinds": ["X"]} | true
a in [1..5]                                 | {}                         | null

[1, 2, 3][2]                                |                            | 2
[1, 2, 3][-1]                               |                            | 3
[1, 2, 3][4]                                |                            | null
[1, 2, 3][0]                                |                            | null
[1, 2, 3][item > 1]                         |                            | [2, 3]
[][1]                                       |                            | null
[][item > 1]                                |                            | []
list[i]                                     | {"list": [7, 8], "i": 2}   | 8
legs[amount > 5].isin                       | {"legs": [{"isin": "A", "amount": 9}, {"isin": "B"}]} | ["A"]
legs[item.amount > limit][1].isin           | {"limit": 5, "legs": [{"isin": "A", "amount": 9}]} | "A"
5[1]                                        |                            | 5
some x in [1, 2] satisfies x > 1            |                            | true
every x in [1, 2] satisfies x > 1           |                            | false
every x in [] satisfies x > 1               |                            | true
some x in [1, null] satisfies x > 1         |                            | null
some x in a, y in b satisfies x = y         | {"a": [1, 2], "b": [2, 3]} | true
for x in [1, 2] return x * 2                |                            | [2, 4]
for x in 1..3 return x                      |                            | [1, 2, 3]
for x in 3..1 return x                      |                            | [3, 2, 1]
for x in [1, 2], y in [10, 20] return x + y |                            | [11, 21, 12, 22]
for x in [1, 2] return x + n                | {"n": 1}                   | [2, 3]
{a: 1, b: a + 1}.b                          |                            | 2
{"two words": 1}                            |                            | {"two words": 1}

contains("foobar", "ob")                    |                            | true
starts with("foobar", "foo")                |                            | true
ends with("foobar", "bar")                  |                            | true
contains(1, "a")                            |                            | null
matches("DE000A1", "^DE[0-9]{3}")           |                            | true
matches("de", "DE", "i")                    |                            | true
replace("a-b", "(a)-(b)", "$2+$1")          |                            | "b+a"
split("a;b;c", ";")                         |                            | ["a", "b", "c"]
string join(["a", null, "b"], ",")          |                            | "a,b"
string length("four")                       |                            | 4
upper case("aB")                            |                            | "AB"
lower case("aB")                            |                            | "ab"
trim("  x ")                                |                            | "x"
substring("foobar", 3)                      |                            | "obar"
substring("foobar", 3, 2)                   |                            | "ob"
substring("foobar", -2)                     |                            | "ar"
substring before("foobar", "b")             |                            | "foo"
substring after("foobar", "b")              |                            | "ar"
abs(-3)                                     |                            | 3
floor(1.7)                                  |                            | 1
floor(-1.2)                                 |                            | -2
ceiling(1.2)                                |                            | 2
round half up(2.5)                          |                            | 3
round half up(-2.5)                         |                            | -3
round half up(1.005, 2)                     |                            | 1.01
round half even(2.5)                        |                            | 2
decimal(1.115, 2)                           |                            | 1.12
modulo(7, 3)                                |                            | 1
modulo(-7, 3)                               |                            | 2
modulo(-7.5, 3)                             |                            | 1.5
odd(3)                                      |                            | true
even(3)                                     |                            | false
count([1, 2])                               |                            | 2
count(null)                                 |                            | null
sum([1, 2, 3])                              |                            | 6
sum(1, 2.5)                                 |                            | 3.5
sum([])                                     |                            | 0
sum([1, "a"])                               |                            | null
product([2, 3])                             |                            | 6
mean([1, 2])                                |                            | 1.5
min([3, 1, 2])                              |                            | 1
max("a", "b")                               |                            | "b"
min([])                                     |                            | null
min([1, "a"])                               |                            | null
all([true, null])                           |                            | null
all([true, false, null])                    |                            | false
all([])                                     |                            | true
any([false, true, null])                    |                            | true
any([])                                     |                            | false
list contains([1, 2], 2)                    |                            | true
list contains([1, true], 1.0)               |                            | true
append([1], 2, 3)                           |                            | [1, 2, 3]
concatenate([1], [2, 3])                    |                            | [1, 2, 3]
distinct values([1, 2, 1.0, "1"])           |                            | [1, 2, "1"]
union([1, 2], [2, 3])                       |                            | [1, 2, 3]
flatten([1, [2, [3]]])                      |                            | [1, 2, 3]
reverse([1, 2])                             |                            | [2, 1]
sublist([1, 2, 3], 2)                       |                            | [2, 3]
sublist([1, 2, 3], 1, 2)                    |                            | [1, 2]
insert before([1, 3], 2, 2)                 |                            | [1, 2, 3]
remove([1, 2, 3], 2)                        |                            | [1, 3]
index of([1, 2, 1], 1)                      |                            | [1, 3]
is defined(a)                               | {"a": null}                | true
is defined(a)                               | {}                         | false
is defined(a.b)                             | {"a": {"b": 1}}            | true
is empty([])                                |                            | true
get value(c, "k")                           | {"c": {"k": 1}}            | 1
get value(c, "x")                           | {"c": {"k": 1}}            | null
get entries({a: 1})                         |                            | [{"key": "a", "value": 1}]
context put({a: 1}, "b", 2)                 |                            | {"a": 1, "b": 2}
get or else(a, 3)                           | {}                         | 3
string(1.50)                                |                            | "1.50"
string(true)                                |                            | "true"
string(@"P1DT2H")                           |                            | "P1DT2H"
string(@"2026-01-02T03:04:05Z")             |                            | "2026-01-02T03:04:05Z"
number("12.5")                              |                            | 12.5
number("-3")                                |                            | -3
number("x")                                 |                            | null
number(amount) > 100                        | {"amount": "100.50"}       | true

date("2026-03-31") < date("2026-04-01")     |                            | true
date("2026-02-30")                          |                            | null
date(2026, 3, 31) = @"2026-03-31"           |                            | true
@"2026-01-31" + duration("P1M") = @"2026-02-28" |                        | true
@"2026-03-31" - @"2026-03-01" = @"P30D"     |                            | true
@"2026-03-31".weekday                       |                            | 2
@"2026-03-31T17:30:00Z".hour                |                            | 17
@"PT90M".hours                              |                            | 1
@"P14M".years                               |                            | 1
@"PT1H" * 2 = @"PT2H"                       |                            | true
@"PT1H" / @"PT30M"                          |                            | 2
years and months duration(@"2020-01-15", @"2021-03-14").months |         | 1
date and time("2026-03-31T17:00:00Z") + @"PT1H" > date and time("2026-03-31T17:59:59Z") | | true
date(date and time("2026-03-31T17:00:00Z")) = @"2026-03-31" |            | true
time("17:00:00") < time("17:00:01")         |                            | true
@"2026-03-31" < @"2026-03-31T00:00:00Z"     |                            | null
a instance of number                        | {"a": 1}                   | true
a instance of days and time duration        | {"a": 1}                   | false
@"P1M" instance of years and months duration |                           | true
today() = @"2026-11-20"                     |                            | true
now().hour                                  |                            | 9
1 + 1 // a comment                          |                            | 2
/* before */ 1                              |                            | 1
"""

ROWS = [tuple(part.strip() for part in line.split(" |")) for line in TABLE.splitlines() if line.strip()]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def _json(text: str):
    return json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(("source", "variables", "value"), ROWS, ids=[row[0] for row in ROWS])
def test_an_expression_has_its_value(source, variables, value):
    known = {**_json(variables or "{}"), CLOCK: NOW}
    result, wanted = feel.compile(source).evaluate(known), _json(value)
    assert result == wanted
    assert isinstance(result, bool) == isinstance(wanted, bool)


def test_a_string_may_hold_the_bar():
    assert feel.compile('"a|b"').evaluate({}) == "a|b"


# expression | position | part of the reason
MALFORMED = r"""
                       ; 0  ; a value
1 +                    ; 3  ; a value
a = = b                ; 4  ; a value
(1                     ; 2  ; ')'
[1, 2                  ; 5  ; ']'
{a 1}                  ; 3  ; ':'
1 2                    ; 2  ; the end
if a then b            ; 11 ; 'else'
for x in y             ; 10 ; 'return'
some x in y            ; 11 ; 'satisfies'
a between 1 or 2       ; 12 ; 'and'
nonsense(1)            ; 0  ; there is no function
substring("a")         ; 0  ; takes 2 to 3 arguments
not(1, 2)              ; 0  ; takes 1 arguments
a # b                  ; 2  ; not expected
"open                  ; 0  ; not expected
"\q"                   ; 1  ; not an escape
@"2026-13-01"          ; 1  ; no date
@5                     ; 1  ; a text
a instance of thing    ; 14 ; not a type
function(x) x          ; 0  ; a value
matches(a, "(a+)+")    ; 11 ; repeats a group
matches(a, "a*b*c*d*") ; 11 ; more than 3 repetitions
matches(a, "(a)\\1")   ; 11 ; back references
matches(a, "(")        ; 11 ; refused
12345678901234567890123456789012345 ; 0 ; more than 34 digits
"""


@pytest.mark.parametrize("line", [line for line in MALFORMED.splitlines() if line.strip()])
def test_a_malformed_expression_is_refused_with_its_position(line):
    source, position, reason = line.rsplit(";", 2)
    with pytest.raises(FeelSyntax, match="ORC-104") as caught:
        feel.compile(source.strip())
    assert caught.value.position == int(position)
    assert reason.strip() in caught.value.reason


@pytest.mark.parametrize(
    "source",
    [
        "1" * 10_001,
        "(" * 60 + "1" + ")" * 60,
        "[" * 5_000,
        "-" * 5_000 + "1",
        " + ".join(["1"] * 500),
        "a" + ".b" * 500,
        "if true then " * 100 + "1" + " else 2" * 100,
        "for " + ", ".join(f"a{i} in b" for i in range(20)) + " return 1",
    ],
)
def test_an_oversized_expression_is_refused(source):
    with pytest.raises(FeelSyntax):
        feel.compile(source)


@pytest.mark.parametrize(
    "source",
    [
        "for a in 1..1000, b in 1..1000 return 1",
        "some a in 1..1000, b in 1..1000 satisfies false",
        "count(for a in 1..1000000000 return a)",
        "count(for a in 1..900 return count(for b in 1..900 return b))",
        "now()",
        "today()",
        "2 ** 1001",
        "9 ** 999 * (9 ** 999) * (9 ** 999) * (9 ** 999) * (9 ** 999) * (9 ** 999) * (9 ** 999)",
        'matches(long, "a")',
        "matches(text, pattern)",
        "for x in 1..30 return " + " + ".join(["long"] * 120),
    ],
)
def test_an_expression_that_passes_a_limit_has_no_value(source):
    variables = {"long": "x" * 10_000, "text": "a" * 100, "pattern": "(a*)*b"}
    with pytest.raises(FeelError):
        feel.compile(source).evaluate(variables)


def test_temporal_values_come_as_python_values():
    assert feel.compile('@"2026-03-31"').evaluate({}) == date(2026, 3, 31)
    assert feel.compile('@"17:00:00"').evaluate({}) == time(17)
    assert feel.compile('duration("PT1H")').evaluate({}) == timedelta(hours=1)
    assert feel.compile('@"P1Y2M"').evaluate({}) == Duration(14)
    assert feel.compile("now()").evaluate({CLOCK: NOW}) == NOW


def test_an_attribute_is_an_expression_only_behind_an_equals_sign():
    assert feel.from_model("=1 + 1").evaluate({}) == 2
    assert feel.from_model("1 + 1").evaluate({}) == "1 + 1"
    assert feel.from_model("=a").source == "a"


def test_what_becomes_a_variable_has_the_form_of_stored_variables():
    source = '{a: 1, b: 1.50, c: @"2026-03-31", d: [@"PT1H", null, true], e: @"P1M", f: "x"}'
    stored = feel.Storable(feel.compile(source)).evaluate({})
    assert stored == {"a": 1, "b": "1.50", "c": "2026-03-31", "d": ["PT1H", None, True], "e": "P1M", "f": "x"}
    with pytest.raises(FeelError):
        feel.Storable(feel.compile("[1..2]")).evaluate({})


def test_an_expression_tells_the_names_that_it_reads():
    expression = feel.compile("a.b + count(c[item > d]) + 1")
    assert expression.names == {"a", "c", "item", "d"}
    assert not expression.uses_clock
    assert feel.compile("today() > a").uses_clock


# --- properties ---

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
_WORDS = st.sampled_from(
    'a b c item 1 2.5 0 -1 "x" true false null + - * / ** = != < <= > >= and or ( ) [ ] { } , . .. : in between if '
    "then else for return some every satisfies instance of number string not( count( sum( min( max( floor( abs( "
    'contains( matches( substring( date( duration( append( flatten( sublist( string( number( @"P1D" '
    '@"2026-01-01" round~half~up( get~value( list~contains( is~defined( distinct~values( index~of('.split()
)


def _evaluate_quietly(source, variables):
    with suppress(FeelSyntax, FeelError):
        feel.compile(source).evaluate(variables)


@settings(max_examples=500, deadline=None)
@given(st.lists(_WORDS, max_size=25), st.dictionaries(st.sampled_from("abc"), _VALUES))
def test_random_words_raise_nothing_else(words, variables):
    _evaluate_quietly(" ".join(words).replace("~", " "), variables)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_random_texts_raise_nothing_else(source):
    _evaluate_quietly(source, {})


def _well_formed(inner):
    names = st.sampled_from(["count", "sum", "min", "max", "abs", "floor", "string", "number", "not", "date",
                             "duration", "upper case", "distinct values", "flatten", "reverse", "mean"])  # fmt: skip
    two = st.sampled_from(["list contains", "append", "substring", "modulo", "get value", "round half up",
                           "sublist", "index of", "concatenate", "string join", "date and time"])  # fmt: skip
    signs = st.sampled_from("+ - * / ** = != < <= > >= and or in".split())
    return st.one_of(
        st.builds("({} {} {})".format, inner, signs, inner),
        st.builds("{}({})".format, names, inner),
        st.builds("{}({}, {})".format, two, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).{}".format, inner, st.sampled_from(["a", "year", "days"])),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{a: {}, b: {}}}".format, inner, inner),
        st.builds("(for x in {} return {})".format, inner, inner),
        st.builds("(some x in {} satisfies {})".format, inner, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("({} in [{}..{}])".format, inner, inner, inner),
        st.builds("(- {})".format, inner),
    )


_LEAVES = st.sampled_from(["a", "b", "c", "x", "1", "2.5", '"t"', "true", "null", '@"P1D"', '@"P1M"', "[]",
                           '@"2026-01-31"', '@"10:00:00"', '@"2026-01-31T10:00:00Z"'])  # fmt: skip


@settings(max_examples=700, deadline=None)
@given(st.recursive(_LEAVES, _well_formed, max_leaves=12), st.dictionaries(st.sampled_from("abc"), _VALUES))
def test_well_formed_expressions_over_any_values_raise_only_feel_errors(source, variables):
    expression = feel.compile(source)
    with suppress(FeelError):
        expression.evaluate(variables)


_NUMBERS = st.recursive(
    st.integers(0, 50).map(str) | st.sampled_from(["n", "m"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=10,
)
_TRUTHS = st.recursive(
    st.builds("({} {} {})".format, _NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _NUMBERS)
    | st.sampled_from(["p", "q"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("not({})".format, inner)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(_TRUTHS, st.integers(-50, 50), st.integers(-50, 50), st.booleans(), st.booleans())
def test_arithmetic_and_logic_agree_with_python(source, n, m, p, q):
    variables = {"n": n, "m": m, "p": p, "q": q}
    wanted = eval(source, {}, variables)
    assert feel.compile(source.replace("==", "=")).evaluate(variables) is wanted


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**12), 10**12), st.decimals("-1E12", "1E12", places=4))
def test_decimal_arithmetic_is_exact(whole, fraction):
    variables = {"a": whole, "b": fraction}
    assert feel.compile("a + b - b").evaluate(variables) == whole
    assert feel.compile("(a * b) = (b * a)").evaluate(variables) is True


# --- ISO 8601 ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PT10S", Duration(0, timedelta(seconds=10))),
        ("P1Y2M10DT2H", Duration(14, timedelta(days=10, hours=2))),
        ("-P3D", Duration(0, timedelta(days=-3))),
        ("P2W", Duration(0, timedelta(weeks=2))),
        ("PT1.5S", Duration(0, timedelta(milliseconds=1500))),
    ],
)
def test_a_duration_is_read(text, value):
    assert parse_duration(text) == value


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1D", "P1S", "PT-1S", "P٣D", "P999999Y", "P1D" * 50])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        parse_duration(text)


def test_a_cycle_is_read():
    assert parse_cycle("R3/PT10S").repetitions == 3
    assert parse_cycle("R/PT10S").repetitions is None
    assert parse_cycle("R3/PT10S").first(NOW) == NOW + timedelta(seconds=10)
    assert parse_cycle("R/2026-12-01T00:00:00Z/P1D").first(NOW) == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["R0/PT1S", "R/PT0S", "R/-PT1S", "3/PT1S", "R3/", "R3/P1D/x", "R-1/PT1S"])
def test_what_is_no_cycle_is_refused(text):
    with pytest.raises(ValueError):
        parse_cycle(text)


def test_an_instant_without_offset_is_utc():
    assert parse_instant("2026-03-31T17:00:00") == parse_instant("2026-03-31T19:00:00+02:00")


def test_a_month_ends_where_the_calendar_says():
    assert Duration(1).after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
