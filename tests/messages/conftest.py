"""The schemas of the catalogue, beside the repository."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

Schema = Callable[[str], etree.XMLSchema]
Enumeration = Callable[[str, str], set[str]]


@pytest.fixture(scope="session")
def archive(shared_samples: Path) -> ZipFile:
    """The schemas of the catalogue of 31 May 2025 as far as a depository needs them."""
    return ZipFile(shared_samples / "iso20022-xsd" / "iso20022-csd-xsd-2025-05-31.zip")


def _path(archive: ZipFile, definition: str) -> str:
    return next(name for name in archive.namelist() if name.endswith(f"{definition}.xsd"))


@pytest.fixture(scope="session")
def schema(archive: ZipFile) -> Schema:
    """The schema of a message by its name; the archive lacks admi.002, which is written here as it was published."""

    @cache
    def load(definition: str) -> etree.XMLSchema:
        if definition == "admi.002.001.01":
            return etree.XMLSchema(etree.parse(Path(__file__).with_name("admi_002.xsd")))
        return etree.XMLSchema(etree.fromstring(archive.read(_path(archive, definition))))

    return load


@pytest.fixture(scope="session")
def enumeration(archive: ZipFile) -> Enumeration:
    """The codes of a type by the message and the type's name."""

    def codes(definition: str, type_name: str) -> set[str]:
        root = etree.fromstring(archive.read(_path(archive, definition)))
        found = root.findall(f"{{*}}simpleType[@name='{type_name}']/{{*}}restriction/{{*}}enumeration")
        return {str(code.get("value")) for code in found}

    return codes
