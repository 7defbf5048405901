"""The page at /docs: every operation of the OpenAPI document, readable without a script or another host."""

from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
    "h2{margin:2.2rem 0 .4rem;font-size:1.1rem;text-transform:capitalize}"
    "section{border-top:1px solid #d8dee6;padding:.6rem 0}"
    "code{font:13px/1.4 ui-monospace,monospace}b{display:inline-block;min-width:4.5rem}"
    "p{margin:.2rem 0 .2rem 4.8rem;color:#4a5565}"
    "@media(prefers-color-scheme:dark){body{background:#12161c;color:#dfe5ec}p{color:#9aa7b5}section{border-color:#2b333d}}"
)


def manual(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI document, by tag."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation.get("tags", ["other"])[0], []).append(
                _section(method, path, operation)
            )
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(sections)}" for tag, sections in by_tag.items())
    title = f"{document['info']['title']} {document['info']['version']}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(title)}</h1><p>{escape(document['info']['summary'])} The machine-readable form is "
        f'<a href="/openapi.json">/openapi.json</a>; every error code is explained at <a href="/errors">/errors</a>. '
        f"Send <code>Authorization: Bearer &lt;token&gt;</code> with each request.</p>{body}</body></html>"
    )


def _section(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = " ".join(
        f"<code>{escape(p['name'])}</code>{'' if p.get('required') else '?'}"
        for p in operation.get("parameters", [])
    )
    text = escape(operation.get("description", "")).replace("\n\n", "<br>")
    named = f"<p>{parameters}</p>" if parameters else ""
    return f"<section><b>{method.upper()}</b> <code>{escape(path)}</code><p>{text}</p>{named}</section>"
