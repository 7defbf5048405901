"""Runs the measurements and prints a table: `python -m benchmarks [NAME ...] [--items N]`."""

import argparse
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    adjusting,
    console,
    contended,
    coupon,
    cycle,
    day,
    engine,
    instant,
    intake,
    knockouts,
    matching,
    million,
    placed,
    redemption,
    single,
)
from benchmarks.measure import Report

MODULES = {
    "day": day, "single": single, "engine": engine, "instant": instant, "intake": intake, "contended": contended,
    "million": million, "cycle": cycle, "matching": matching, "placed": placed, "coupon": coupon,
    "redemption": redemption, "knockouts": knockouts, "adjusting": adjusting, "console": console,
}  # fmt: skip
_ALWAYS = ("day", "single", "engine", "instant", "intake", "contended")
"""The others take minutes and run only when they are named."""
_HEAD = ("Measure", "Must", "Aim", "Measured", "Reached")


def main() -> int:
    """Measure, print, and write only where told to; 1 where a must is missed."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MODULES)}")
    arguments.add_argument("--items", type=int, help="fewer or more items than the measure names")
    arguments.add_argument("--write", type=Path, help="put the result between the marks of this document")
    asked = arguments.parse_args()
    if unknown := set(asked.names) - set(MODULES):
        arguments.error(f"unknown: {', '.join(sorted(unknown))}")
    reports = []
    for name in asked.names or _ALWAYS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        reports.append(MODULES[name].run(asked.items))
    text = rendered(reports)
    print(text)
    if asked.write is not None:
        marks = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)
        document = asked.write.read_text(encoding="utf-8")
        asked.write.write_text(marks.sub(lambda m: m[1] + text + m[2], document), encoding="utf-8")
    return int(any(measure.verdict == "MISSED" for report in reports for measure in report.measures))


def rendered(reports: list[Report]) -> str:
    """A Markdown table and the details below it."""
    rows = [_HEAD, tuple("---" for _ in _HEAD)]
    rows += [measure.cells() for report in reports for measure in report.measures]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["", *(f"- **{name}**: {text}" for report in reports for name, text in report.details.items())]
    lines += ["", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}.", ""]
    return "\n".join(lines)


def _machine() -> str:
    model = None
    if sys.platform == "linux":
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    processor = model[1] if model else platform.machine()
    python, load = platform.python_version(), os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({processor}), Python {python}, load {load:.1f} at the end"


if __name__ == "__main__":
    sys.exit(main())
