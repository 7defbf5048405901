"""ISO 20022 messages."""

import gzip
import sys
from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.client import REFUSED, ask, client, end_with_problem
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import note, show, show_table

group = typer.Typer(
    no_args_is_help=True, help="ISO 20022 messages: send, read the mailbox, report on accounts."
)
_MOST = 5000
_FILE = b'<Xchg xmlns="urn:iso:std:iso:20022:tech:xsd:head.002.001.01"><PyldDesc/>%b</Xchg>'
_COLUMNS = ("business_id", "definition", "outcome", "reason", "answers", "id")


def _line(receipt: dict) -> dict:  # type: ignore[type-arg]
    reasons = "; ".join(f"{e['iso']} {e['detail']}" for e in receipt["errors"])
    answers = " ".join(a["definition"][:8] for a in receipt["answers"])
    return {**receipt, "reason": reasons, "answers": answers}


@group.command("send")
def send(
    files: Annotated[
        list[typer.FileBinaryRead],
        typer.Argument(
            help="A message each (sese.023, 020, 030), or a file of many (head.002); - is standard input."
        ),
    ],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Hand messages in; several files go as one. Exit code 1 where one is rejected.

    Example: counterfoil message send instruction.xml
    """
    bodies = [file.read() for file in files]
    if len(bodies) > 1:
        bodies = [_FILE % b"".join(b"<Pyld>%b</Pyld>" % _bare(body) for body in bodies[at : at + _MOST])
                  for at in range(0, len(bodies), _MOST)]  # fmt: skip
    receipts = []
    with client(url) as server:
        for body in bodies:
            headers = {"Content-Type": "application/xml", "Content-Encoding": "gzip"}
            content = gzip.compress(body, compresslevel=1)
            answer = server.post("/messages", content=content, headers=headers)
            if not answer.is_success:
                end_with_problem(answer)
            receipts += answer.json()["messages"]
            note(f"{len(receipts):,} messages")
    if as_json:
        show({"messages": receipts}, as_json=True)
    else:
        show_table([_line(r) for r in receipts], as_json=False, columns=_COLUMNS)
    if any(r["outcome"] in ("rejected", "unreadable", "partly") for r in receipts):
        sys.exit(REFUSED)


def _bare(body: bytes) -> bytes:
    """A message without its XML declaration, which may stand at the beginning of a file only."""
    return body[body.index(b"?>") + 2 :] if body.lstrip().startswith(b"<?xml") else body


@group.command("inbox")
def inbox(
    after: Annotated[int, typer.Option(min=0, help="The number of the last message that was seen.")] = 0,
    party: Annotated[str | None, typer.Option(help="LEI; for the depository.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Write each message into this folder.", file_okay=False)
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What the depository has sent, in order. Go on after the last number.

    Example: counterfoil message inbox --after 120 --to mail
    """
    params = {"after": after, "limit": limit} | ({"party": party} if party else {})
    with client(url) as server:
        found = ask(server, "GET", "/messages/outgoing", params=params)["items"]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for item in found:
            (folder / f"{item['number']:09}-{item['definition']}.xml").write_text(item["content"])
    columns = ("number", "definition", "in_reply_to", "instruction_id", "created_at", "id")
    show_table(found, as_json=as_json, columns=columns)


@group.command("show")
def show_one(message: str, url: Url = None, as_json: Json = False) -> None:
    """A message as it was, what came of it, and its answers.

    Example: counterfoil message show 01a1fb66-8b66-7000-b77a-b17f44c71172
    """
    with client(url) as server:
        show(ask(server, "GET", f"/messages/{message}"), as_json=as_json)


@group.command("report")
def report(
    kind: Annotated[str, typer.Argument(help="cash (camt.054), postings (semt.017) or holdings (semt.002).")],
    account: str,
    start: Annotated[str | None, typer.Option(help="2026-11-23T00:00:00Z; a day before the end.")] = None,
    until: Annotated[str | None, typer.Option(help="2026-11-24T00:00:00Z; now.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    url: Url = None,
) -> None:
    """A report on an account, as a message on standard output.

    Example: counterfoil message report holdings 0000CFSAMPLE00000219-OWN
    """
    given = {"account": account, "start": start, "until": until, "page": page}
    with client(url) as server:
        answer = server.get(f"/reports/{kind}", params={k: v for k, v in given.items() if v is not None})
        if not answer.is_success:
            end_with_problem(answer)
        note(f"Page {page} of {answer.headers['X-Page-Count']}")
        typer.echo(answer.text)
