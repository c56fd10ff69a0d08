"""The packages that ``constraints.txt`` names, and which of them the program needs on a platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release.sbom import WheelFacts

_LINE = re.compile(r"([\w.-]+)==(\S+)(?: ; ([^-]+?))?((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*")


class Pin(NamedTuple):
    """A package at one version: where it is installed (``marker``, empty for everywhere), and the options that name the
    checksums of its wheels."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @staticmethod
    def normalized(name: str) -> str:
        """The name by which packages are compared."""
        return str(canonicalize_name(name))

    def applies_to(self, environment: Mapping[str, str]) -> bool:
        """Whether the package is installed there."""
        return not self.marker or Marker(self.marker).evaluate(dict(environment))


def read_pins(constraints: Path) -> dict[str, Pin]:
    """The pins by normalized name. Raises `ValueError` for a line that is none."""
    text = constraints.read_text("utf-8").replace("\\\n", " ")
    pins = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{constraints.name}: cannot read “{line[:60]}”")
        name = Pin.normalized(match[1])
        pins[name] = Pin(name, match[2], (match[3] or "").strip(), tuple(match[4].split()))
    return pins


def installed_requires(name: str) -> Sequence[str]:
    """What an installed package requires. One for other platforms only is not installed here, and needs nothing; the
    wheels of a finished folder are asked again."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def needed_pins(
    pins: Mapping[str, Pin],
    environment: Mapping[str, str],
    requires_of: Callable[[str], Sequence[str]] = installed_requires,
) -> set[Pin]:
    """The packages that the program needs there, without itself: each that it requires, and each that those do. One
    that is not pinned is given without a version."""
    open_, seen, needed = [Requirement("guanjia")], set[tuple[str, frozenset[str]]](), set[Pin]()
    while open_:
        current = open_.pop()
        name, extras = Pin.normalized(current.name), frozenset(current.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        if name != "guanjia":
            needed.add(pins.get(name, Pin(name, "", "", ())))
        for text in requires_of(name):
            inner = Requirement(text)
            if inner.marker is None or any(
                inner.marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)
            ):
                open_.append(inner)
    return needed


def requirement_lines(facts: Sequence[WheelFacts], pins: Mapping[str, Pin]) -> list[str]:
    """The lines of a folder's ``requirements.txt``: each package with the checksums of its wheels in the folder. The
    installer itself is not among them."""
    lines = []
    for name in sorted({Pin.normalized(wheel.name) for wheel in facts} - {"pip"}):
        mine = [wheel for wheel in facts if Pin.normalized(wheel.name) == name]
        marker = pins[name].marker if name in pins else ""
        hashes = "".join(f" --hash=sha256:{wheel.sha256}" for wheel in mine)
        lines.append(f"{name}=={mine[0].version}{f' ; {marker}' if marker else ''}{hashes}\n")
    return lines
