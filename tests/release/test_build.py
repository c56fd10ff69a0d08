"""What ``make dist`` packs: the same bytes from the same commit, all that each platform needs, and a bill of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from release.build import INSTALLER, build_packages, export_commit, missing_requirements
from release.pins import installed_requires, needed_pins, read_pins, requirement_lines
from release.platforms import PLATFORMS, PYTHONS, TargetPlatform
from release.sbom import WheelFacts, bill_of_materials, read_wheel
from release.wheel_floors import floor_of

ROOT = Path(__file__).resolve().parents[2]
WINDOWS, LINUX = (next(each for each in PLATFORMS if each.name == f"{name}-x86_64") for name in ("windows", "linux"))


def tiny_wheel(folder: Path, name: str, version: str, *requires: str, files: dict[str, str] | None = None) -> Path:
    """A wheel with nothing but metadata and these files."""
    metadata = Message()
    for key, value in (("Metadata-Version", "2.1"), ("Name", name), ("Version", version), ("License", "MIT")):
        metadata[key] = value
    for requirement in requires:
        metadata["Requires-Dist"] = requirement
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    inside = {f"{info}/METADATA": str(metadata), f"{info}/WHEEL": wheel, f"{info}/RECORD": "", **(files or {})}
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in inside.items():
            archive.writestr(inner, text)
    return path


def test_two_builds_of_a_commit_are_byte_equal(tmp_path: Path) -> None:
    """Wheel and source archive are the same to the byte, wherever, whenever and with whatever umask they are built,
    and hold nothing that is not committed."""
    built = []
    for n, umask in enumerate((0o022, 0o077)):
        before = os.umask(umask)
        try:
            source = export_commit(tmp_path / f"source{n}")
            built.append(build_packages(source, _made(tmp_path / f"out{n}")))
        finally:
            os.umask(before)
    first, second = ([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] for paths in built)
    assert first == second
    assert {path.name.rpartition(".")[2] for path in built[0]} == {"whl", "gz"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split(
        "\n"
    )
    inside = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert inside <= set(listed)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_each_platform_gets_what_it_needs_and_no_tools(platform: TargetPlatform) -> None:
    """Whatever this machine is: each package that the program needs there is pinned, Windows has its own, Linux its
    keyring's, Python 3.11 what newer ones have built in; developers' tools are nobody's."""
    pins = read_pins(ROOT / "constraints.txt")
    needed = {
        python: {pin.name for pin in needed_pins(pins, platform.environment(python), installed_requires)}
        for python in PYTHONS
    }
    assert all(names <= pins.keys() for names in needed.values())
    newest = needed["3.14"]
    assert {"textual", "sqlcipher3", "psycopg-binary", "uvicorn"} <= newest
    is_windows, is_linux = platform.system == "Windows", platform.system == "Linux"
    assert ("pywin32-ctypes" in newest, "secretstorage" in newest) == (is_windows, is_linux)
    assert "importlib-metadata" in needed["3.11"] - newest
    assert newest.isdisjoint({"mypy", "pytest", "ruff", "hatchling"})


def facts(*files: str) -> list[WheelFacts]:
    """Wheels of these names."""
    return [WheelFacts(name, "0" * 64, name.split("-")[0], name.split("-")[1], "", ()) for name in files]


def test_the_floor_is_that_of_the_most_demanding_wheel() -> None:
    """Of a wheel with several tags the oldest counts, of several wheels the newest; the wheel that asks is named."""
    wheels = facts(
        "a-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "b-1-cp311-abi3-manylinux_2_28_x86_64.whl",
        "c-1-py3-none-any.whl",
    )
    assert str(floor_of(LINUX, wheels)) == "glibc ≥ 2.28 (b-1-cp311-abi3-manylinux_2_28_x86_64.whl)"
    mac = next(each for each in PLATFORMS if each.system == "Darwin")
    assert floor_of(mac, facts("a-1-cp311-cp311-macosx_11_0_arm64.whl")).version == "11.0"
    assert floor_of(WINDOWS, facts("a-1-cp311-cp311-win_amd64.whl")).version == ""


def test_a_folder_that_lacks_a_package_is_not_handed_out(tmp_path: Path) -> None:
    """What a wheel in the folder requires and no wheel there is, is named, for the platform that needs it."""
    tiny_wheel(tmp_path, "guanjia", "1.0", "one", 'two ; sys_platform == "win32"')
    tiny_wheel(tmp_path, "one", "2.0", "three>=1")
    wheels = [read_wheel(path) for path in sorted(tmp_path.iterdir())]
    assert missing_requirements(wheels, LINUX, "3.11") == ["three"]
    assert missing_requirements(wheels, WINDOWS, "3.11") == ["three", "two"]


def test_the_bill_names_each_package_with_its_files_and_what_it_needs(tmp_path: Path) -> None:
    """CycloneDX: format, version, the program as its subject, a component with licence, package URL and checksums for
    each package, the graph; and the same bytes again."""
    tiny_wheel(tmp_path, "guanjia", "1.0", "one")
    tiny_wheel(tmp_path, "one", "2.0")
    wheels = [read_wheel(path) for path in sorted(tmp_path.iterdir())]
    bill = json.loads(json.dumps(bill_of_materials("guanjia", wheels, 1_796_000_000)))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    assert bill["metadata"]["component"]["name"] == "guanjia"
    (one,) = bill["components"]
    assert (one["purl"], one["licenses"]) == ("pkg:pypi/one@2.0", [{"license": {"name": "MIT"}}])
    checksum = hashlib.sha256((tmp_path / "one-2.0-py3-none-any.whl").read_bytes()).hexdigest()
    assert one["components"][0]["hashes"] == [{"alg": "SHA-256", "content": checksum}]
    assert {"ref": "pkg:pypi/guanjia@1.0", "dependsOn": ["pkg:pypi/one@2.0"]} in bill["dependencies"]
    assert bill == json.loads(json.dumps(bill_of_materials("guanjia", list(reversed(wheels)), 1_796_000_000)))


def test_every_line_of_a_folders_list_has_checksums(tmp_path: Path) -> None:
    """What is installed is named with the checksum of each of its wheels; the installer itself is not among it."""
    for name in ("guanjia", "click", "pip"):
        tiny_wheel(tmp_path, name, "1.0")
    lines = requirement_lines([read_wheel(path) for path in tmp_path.iterdir()], read_pins(ROOT / "constraints.txt"))
    assert [re.sub("[0-9a-f]{64}", "…", line) for line in lines] == [
        "click==1.0 --hash=sha256:…\n",
        "guanjia==1.0 --hash=sha256:…\n",
    ]


def test_no_file_of_the_recipe_names_an_index() -> None:
    """Packages come from wherever the builder's own settings say; the installer asks nobody."""
    files = [ROOT / ".ci/release" / name for name in (*INSTALLER, "build.py", "pip.txt", "Containerfile")]
    for path in files:
        assert not re.search(r"--index-url|--extra-index|index_url|pypi\.org", path.read_text("utf-8")), path
    assert sys.version_info >= (3, 11)
