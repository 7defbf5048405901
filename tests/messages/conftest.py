"""The schemas of the catalogue, beside the repository."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

Schema = Callable[[str], etree.XMLSchema]


@pytest.fixture(scope="session")
def schema(shared_samples: Path) -> Schema:
    """The schema of a message by its name."""
    archive = ZipFile(shared_samples / "iso20022-xsd" / "iso20022-csd-xsd-2025-05-31.zip")
    paths = {Path(name).name: name for name in archive.namelist()}

    @cache
    def load(definition: str) -> etree.XMLSchema:
        return etree.XMLSchema(etree.fromstring(archive.read(paths[f"{definition}.xsd"])))

    return load
