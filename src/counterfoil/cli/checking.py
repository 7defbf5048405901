"""Has a file checked: every rule is applied to every item, and nothing is stored."""

import json
from pathlib import Path

import httpx
import typer

from counterfoil.cli.client import REFUSED, end_with_problem
from counterfoil.cli.files import chunks_of, upload_headers
from counterfoil.cli.output import note, print_json


def check(server: httpx.Client, path: str, file: Path, parameters: dict[str, str], *, as_json: bool) -> None:
    """Tell every broken rule of every item. Ends with exit code 1 where there is one."""
    valid = invalid = 0
    with server.stream(
        "POST", path, content=chunks_of(file), headers=upload_headers(file), params=parameters
    ) as response:
        if not response.is_success:
            end_with_problem(response)
        for line in response.iter_lines():
            result = json.loads(line)
            valid += result["valid"]
            invalid += not result["valid"]
            for refusal in result.get("refusals", []):
                note(f"item {result['position']}{refusal['pointer']}: {refusal['code']} {refusal['detail']}")
    if as_json:
        print_json({"valid": valid, "invalid": invalid})
    else:
        note(f"{valid:,} valid, {invalid:,} invalid.")
    if invalid:
        raise typer.Exit(REFUSED)
