"""What the browser runs: built files with the hash of their content in their names, and their one manifest."""

import json
import mimetypes
from pathlib import Path

from starlette.responses import Response

from counterfoil.console import errors
from counterfoil.core.errors import Refused

BUILT = Path(__file__).parent / "built"
PREFIX = "/console/static/"
_FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The built files of a directory, read when first asked for: a console may be built while the server runs."""

    def __init__(self, directory: Path = BUILT) -> None:
        self._directory = directory
        self._names: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of a source file's build, as `console.css`. Raises `Refused` (CON-501), `KeyError`."""
        if not self._names:
            try:
                self._names = json.loads((self._directory / "manifest.json").read_text())
            except FileNotFoundError:
                raise Refused(errors.NOT_BUILT()) from None
        return PREFIX + self._names[name]

    def response(self, name: str, *, gzip: bool) -> Response:
        """A built file; its name never means another content. Raises `Refused` (CON-404)."""
        path = self._directory / name
        if path.parent != self._directory or not path.is_file():
            raise Refused(errors.NOT_FOUND(path=PREFIX + name))
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        packed = path.with_name(f"{name}.gz")
        if gzip and packed.is_file():
            return Response(
                packed.read_bytes(), media_type=kind, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(path.read_bytes(), media_type=kind, headers=headers)
