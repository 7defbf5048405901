"""FEEL's functions over texts. TypeError and ValueError mean null; the caller turns them into it."""

import re
from functools import lru_cache
from typing import Any

from counterfoil.orchestration.feel.failure import FeelError
from counterfoil.orchestration.feel.values import TEXT_LENGTH

PATTERN_LENGTH = 200
"""Characters of the longest regular expression."""
SUBJECT_LENGTH = 2_000
"""Characters of the longest text that a regular expression is applied to."""
_UNBOUNDED_MAX = 3
"""Repetitions of open length in one pattern: the search takes at most (length of text) ** (this + 1) steps."""
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}


def text(value: Any) -> str:
    """`value`, which must be a text."""
    if type(value) is not str:
        raise TypeError("a text is wanted")
    return value


def whole_number(value: Any) -> int:
    """`value`, which must be a number without a fraction."""
    if type(value) is bool or value != int(value):
        raise TypeError("a whole number is wanted")
    return int(value)


def pattern_problem(pattern: str) -> str | None:
    """Why a regular expression is refused: malformed, too long, or one that may search for ever.

    Python's engine backtracks: a repetition inside a repetition takes exponential time on hostile texts, and
    every further repetition multiplies by the length. Both are refused, and so are back references.
    """
    if len(pattern) > PATTERN_LENGTH:
        return f"it is longer than {PATTERN_LENGTH} characters"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    bare = re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", "c", re.sub(r"\\[^0-9k]", "c", pattern))
    if re.search(r"\\|\(\?P?[=(<]", bare):
        return "back references, conditions and look-behind are not offered"
    if len(re.findall(r"[*+]|\{\d*,|\{\d{2,}", bare)) > _UNBOUNDED_MAX:
        return f"it has more than {_UNBOUNDED_MAX} repetitions of open length"
    return "it repeats a group that itself repeats or chooses" if _repeats_nested(bare) else None


def _repeats_nested(bare: str) -> bool:
    open_groups: list[bool] = []
    for position, sign in enumerate(bare):
        if sign == "(":
            open_groups.append(False)
        elif sign in "*+{|?" and bare[position - 1 : position] != "(" and open_groups:
            open_groups[-1] = True
        elif sign == ")" and open_groups:
            varied = open_groups.pop()
            if varied and bare[position + 1 : position + 2] in ("*", "+", "{"):
                return True
            if open_groups:
                open_groups[-1] = open_groups[-1] or varied
    return False


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> re.Pattern[str]:
    problem = pattern_problem(pattern)
    if problem is not None:
        raise FeelError(f"a regular expression is refused: {problem}")
    combined = 0
    for flag in flags:
        combined |= _FLAGS[flag]
    return re.compile(pattern, combined)


def _subject(value: Any) -> str:
    if len(text(value)) > SUBJECT_LENGTH:
        raise FeelError(f"a regular expression is applied to more than {SUBJECT_LENGTH} characters")
    return text(value)


def matching(value: Any, pattern: Any, flags: Any = "") -> bool:
    """`matches(text, pattern, flags)`: whether the pattern is found anywhere in the text."""
    return _compiled(text(pattern), text(flags)).search(_subject(value)) is not None


def replaced(value: Any, pattern: Any, by: Any, flags: Any = "") -> str:
    """`replace(text, pattern, by, flags)`; `$1` in `by` is the first group."""
    template = re.sub(r"\$(\d)", r"\\\1", text(by).replace("\\", r"\\"))
    try:
        return _bounded(_compiled(text(pattern), text(flags)).sub(template, _subject(value)))
    except re.error as error:
        raise ValueError(str(error)) from None


def split(value: Any, delimiter: Any) -> list[str]:
    """`split(text, pattern)`."""
    return [part or "" for part in _compiled(text(delimiter), "").split(_subject(value))]


def joined(values: Any, delimiter: Any = "") -> str:
    """`string join(list, delimiter)`; nulls are left out."""
    if type(values) not in (list, tuple):
        raise TypeError("a list is wanted")
    parts = [text(value) for value in values if value is not None]
    if sum(map(len, parts)) + len(text(delimiter)) * len(parts) > TEXT_LENGTH:
        raise FeelError(f"a text grows beyond {TEXT_LENGTH} characters")
    return delimiter.join(parts)  # type: ignore[no-any-return]  # a text, as just checked


def substring(value: Any, start: Any, length: Any = None) -> str:
    """`substring(text, start, length)`: positions count from 1, or from the end where negative."""
    content, position = text(value), whole_number(start)
    if position == 0:
        raise ValueError("positions count from 1")
    first = position - 1 if position > 0 else max(len(content) + position, 0)
    if length is None:
        return content[first:]
    if whole_number(length) < 0:
        raise ValueError("a length is not negative")
    return content[first : first + whole_number(length)]


def before(value: Any, part: Any) -> str:
    """`substring before(text, part)`; empty where the part does not occur."""
    content, mark = text(value), text(part)
    return content[: content.index(mark)] if mark in content else ""


def after(value: Any, part: Any) -> str:
    """`substring after(text, part)`; empty where the part does not occur."""
    content, mark = text(value), text(part)
    return content[content.index(mark) + len(mark) :] if mark in content else ""


def _bounded(content: str) -> str:
    if len(content) > TEXT_LENGTH:
        raise FeelError(f"a text grows beyond {TEXT_LENGTH} characters")
    return content
