"""Process models, instances, incidents, tasks."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil.cli.client import ask, client
from counterfoil.cli.commands import Json, Url
from counterfoil.cli.output import show, show_table

group = typer.Typer(no_args_is_help=True, help="Process models, instances, incidents and tasks.")
Ids = Annotated[list[str], typer.Argument(help="One id or several.")]


@group.command("definitions")
def definitions(url: Url = None, as_json: Json = False) -> None:
    """Every deployed version of every model.

    Example: counterfoil process definitions
    """
    with client(url) as server:
        found = ask(server, "GET", "/definitions")
    show_table(found, as_json=as_json, columns=("process_id", "version", "name", "resource", "deployed_at"))


@group.command("deploy")
def deploy(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], url: Url = None, as_json: Json = False
) -> None:
    """Deploy a BPMN file.

    Example: counterfoil process deploy issuance.bpmn
    """
    with client(url) as server:
        found = ask(server, "POST", "/definitions", params={"resource": file.name}, content=file.read_bytes())
    show_table(found, as_json=as_json)


@group.command("xml")
def xml(process_id: str, version: int | None = None, url: Url = None) -> None:
    """The model as it was deployed.

    Example: counterfoil process xml issuance > issuance.bpmn
    """
    with client(url) as server:
        response = server.get(
            f"/definitions/{process_id}/xml", params={"version": version} if version else {}
        )
        typer.echo(response.text, nl=False)


@group.command("list")
def index(
    process_id: Annotated[str | None, typer.Option("--process")] = None,
    state: Annotated[str | None, typer.Option(help="active, completed or cancelled.")] = None,
    element: Annotated[str | None, typer.Option(help="Those that stand at this element.")] = None,
    batch: Annotated[str | None, typer.Option(help="Those of this batch.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Process instances.

    Example: counterfoil process list --state active --element approve
    """
    wanted = {
        "process_id": process_id,
        "state": state,
        "element_id": element,
        "business_key": batch,
        "limit": limit,
    }
    with client(url) as server:
        found = ask(server, "GET", "/instances", params={k: v for k, v in wanted.items() if v is not None})
    show_table(found["items"], as_json=as_json)


@group.command("show")
def show_instance(instance: str, url: Url = None, as_json: Json = False) -> None:
    """An instance: where it stands, its variables, its way so far, its incidents.

    Example: counterfoil process show 01a1fb66-8b67-7000-bdfc-2b92baaac2e2
    """
    with client(url) as server:
        found = ask(server, "GET", f"/instances/{instance}")
    if as_json:
        show(found, as_json=True)
        return
    visits = found.pop("visits")
    show(found, as_json=False)
    show_table(visits, as_json=False)


@group.command("incidents")
def incidents(
    process_id: Annotated[str | None, typer.Option("--process")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Open incidents with their causes.

    Example: counterfoil process incidents
    """
    with client(url) as server:
        found = ask(server, "GET", "/incidents", params={"process_id": process_id} if process_id else {})
    columns = ("id", "instance_id", "process_id", "element_id", "kind", "message", "raised_at")
    show_table(found["items"], as_json=as_json, columns=columns)


@group.command("retry")
def retry(incident: Ids, url: Url = None, as_json: Json = False) -> None:
    """Have what stopped tried again.

    Example: counterfoil process retry 01a1fb66-1068-7000-8d4d-9f026be63c2f
    """
    with client(url) as server:
        show(ask(server, "POST", "/incidents/retries", json={"ids": incident}), as_json=as_json)


@group.command("cancel")
def cancel(instance: Ids, url: Url = None, as_json: Json = False) -> None:
    """End instances.

    Example: counterfoil process cancel 01a1fb66-8b67-7000-bdfc-2b92baaac2e2
    """
    with client(url) as server:
        show(ask(server, "POST", "/instances/cancellations", json={"ids": instance}), as_json=as_json)


@group.command("mend")
def mend(
    instance: Ids,
    value: Annotated[list[str], typer.Option("--set", help="name=JSON value, as often as needed.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Have variables of instances set, once an approver has agreed (`process tasks`, `process complete`).

    Example: counterfoil process mend 01a1fb66-8b67-7000-bdfc-2b92baaac2e2 --set 'policy="CONTINUE"' --reason "typo"
    """
    wanted = dict(_said(one) for one in value)
    body = {"ids": instance, "variables": wanted, "reason": reason}
    with client(url) as server:
        show(ask(server, "POST", "/instances/mendings", json=body), as_json=as_json)


def _said(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        problem = "is no JSON value; a text stands in quotes" if equals else "has no ="
        raise typer.BadParameter(f"{text!r} {problem}.", param_hint="--set") from None


@group.command("migrate")
def migrate(
    instance: Ids,
    process_id: Annotated[str, typer.Option("--process")],
    version: Annotated[int, typer.Option()],
    element: Annotated[
        list[str] | None, typer.Option("--map", help="old=new, for a renamed element.")
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Move instances to another version of their model.

    Example: counterfoil process migrate 01a1fb66-8b67-7000-bdfc-2b92baaac2e2 --process issuance --version 2
    """
    mapping = dict(pair.split("=", 1) for pair in element or () if "=" in pair)
    body = {"ids": instance, "process_id": process_id, "version": version, "mapping": mapping}
    with client(url) as server:
        show(ask(server, "POST", "/instances/migrations", json=body), as_json=as_json)


@group.command("tasks")
def tasks(url: Url = None, as_json: Json = False) -> None:
    """Tasks that wait for a person.

    Example: counterfoil process tasks
    """
    with client(url) as server:
        found = ask(server, "GET", "/tasks")["items"]
    show_table(
        found,
        as_json=as_json,
        columns=("id", "process_id", "name", "candidate_groups", "created_at", "variables"),
    )


@group.command("complete")
def complete(
    task: str,
    approve: Annotated[bool, typer.Option("--approve/--refuse")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Approve or refuse what a task asks; needs a token with the role approver.

    Example: COUNTERFOIL_TOKEN=cf_... counterfoil process complete 01a1fb66-1068-7000-8d4d-9f026be63c2f --approve
    """
    with client(url) as server:
        found = ask(server, "POST", f"/tasks/{task}/completion", json={"approved": approve, "reason": reason})
    show(found, as_json=as_json)
