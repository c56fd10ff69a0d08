"""The bill of materials of an offline folder: CycloneDX 1.6 in JSON, the same bytes from the same wheels."""

from __future__ import annotations

import email
import hashlib
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SPECIFICATION = "1.6"


class WheelFacts(NamedTuple):
    """What a wheel says of itself: its file, checksum, name, version, licence and requirements."""

    file: str
    sha256: str
    name: str
    version: str
    licence: str
    requires: tuple[str, ...]


def read_wheel(path: Path) -> WheelFacts:
    """The facts of a wheel. Raises `ValueError` for a file without metadata."""
    with zipfile.ZipFile(path) as archive:
        inner = next((name for name in archive.namelist() if name.endswith(".dist-info/METADATA")), None)
        if inner is None:
            raise ValueError(f"{path.name} has no metadata")
        metadata = email.message_from_bytes(archive.read(inner))
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    requires = tuple(str(line) for line in metadata.get_all("Requires-Dist", []))
    return WheelFacts(path.name, checksum, metadata["Name"], metadata["Version"], _licence(metadata), requires)


def _licence(metadata: Message) -> str:
    """The licence as its metadata names it; some of the older forms hold a whole text, of which the first line."""
    named = metadata["License-Expression"] or metadata["License"]
    if named:
        return str(named).strip().splitlines()[0][:120]
    classes = [str(text) for text in metadata.get_all("Classifier", []) if text.startswith("License ::")]
    return classes[0].rpartition(" :: ")[2] if classes else ""


def bill_of_materials(program: str, wheels: Sequence[WheelFacts], seconds: int) -> dict[str, object]:
    """The bill of what is in a folder whose own ``program`` was committed at this time (seconds since 1970)."""
    packages: dict[str, list[WheelFacts]] = {}
    for wheel in sorted(wheels):
        packages.setdefault(canonicalize_name(wheel.name), []).append(wheel)
    own = packages.pop(canonicalize_name(program))[0]
    named = {name: _package_url(facts[0]) for name, facts in packages.items()}
    content = hashlib.sha256("".join(wheel.sha256 for wheel in sorted(wheels)).encode()).hexdigest()
    depends = [own, *(facts[0] for facts in packages.values())]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(seconds, UTC).isoformat(),
            "component": _component([own], "application"),
        },
        "components": [_component(facts, "library") for facts in packages.values()],
        "dependencies": [{"ref": _package_url(facts), "dependsOn": _depends_on(facts, named)} for facts in depends],
    }


def _component(wheels: Sequence[WheelFacts], kind: str) -> dict[str, object]:
    first = wheels[0]
    licence = {"licenses": [{"license": {"name": first.licence}}]} if first.licence else {}
    files = [
        {"type": "file", "name": wheel.file, "hashes": [{"alg": "SHA-256", "content": wheel.sha256}]}
        for wheel in wheels
    ]
    url = _package_url(first)
    named = {"type": kind, "bom-ref": url, "name": first.name, "version": first.version, "purl": url}
    return {**named, **licence, "components": files}


def _package_url(wheel: WheelFacts) -> str:
    return f"pkg:pypi/{canonicalize_name(wheel.name)}@{wheel.version}"


def _depends_on(wheel: WheelFacts, named: Mapping[str, str]) -> list[str]:
    required = {canonicalize_name(Requirement(text).name) for text in wheel.requires}
    return sorted(named[name] for name in required if name in named)
