"""Build what is handed out: wheel, source archive, and for each platform a folder that installs without a network.

``python -m release.build`` (``make dist``) builds from the commit that is checked out, not from the working tree, so
that a commit leads to the same bytes wherever and whenever it is built: all times in what is built are the commit's
(``SOURCE_DATE_EPOCH``). Wheels of others come from the configured package index, each at the version and with a
checksum that ``constraints.txt`` names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from release.deb import ARCHITECTURES, DebianPackage, build_deb
from release.pins import Pin, installed_requires, needed_pins, read_pins, requirement_lines
from release.platforms import PLATFORMS, PYTHONS, TargetPlatform
from release.sbom import WheelFacts, bill_of_materials, read_wheel
from release.wheel_floors import floor_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "guanjia"
_NO_WHEEL = ("No matching distribution", "DO NOT MATCH THE HASHES")
"""What pip says where there is no wheel, and where there is none with a checksum that is named."""
INSTALLER = ("install.py", "install.sh", "install.cmd", "README.txt")
"""Files of this folder that stand at the top of an offline folder."""


class BuildFailure(Exception):
    """What was built cannot be handed out, and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what the command line names; 0 when all of it is there, but for what is known to have no wheels."""
    parser = argparse.ArgumentParser(prog="python -m release.build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where it goes (dist)")
    names = [platform.name for platform in PLATFORMS]
    parser.add_argument("--platform", nargs="*", choices=names, default=names, metavar="NAME", help=", ".join(names))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if changed := _git("status", "--porcelain"):
        _say(f"not in what is built, since they are not committed: {', '.join(changed.decode().split()[1::2])}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = export_commit(Path(folder) / "source")
            wheel, archive = build_packages(source, options.out)
            _say(f"{wheel}\n{archive}")
            chosen = [platform for platform in PLATFORMS if platform.name in options.platform]
            failed = [platform for platform in chosen if not _is_built(platform, wheel, source, options.out)]
    except subprocess.CalledProcessError as error:
        _say(f"not built: {error}\n{(error.stderr or b'').decode(errors='replace')}")
        return 1
    return 1 if failed else 0


def _is_built(platform: TargetPlatform, wheel: Path, source: Path, out: Path) -> bool:
    """Build a platform's folder and tell of it; gives whether that is as it should be."""
    try:
        _say(build_folder(platform, wheel, source, out))
    except BuildFailure as failure:
        _say(str(failure))
        return False
    return True


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True).stdout


def commit_seconds() -> int:
    """The time of what is built, in seconds since 1970: ``SOURCE_DATE_EPOCH``, else the commit's."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct").decode())


def export_commit(folder: Path) -> Path:
    """The files of the commit that is checked out, and nothing else."""
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(_git("archive", "--format=tar", "HEAD"))) as archive:
        # Python of Debian 12 (3.11.2) has no filters yet; what is extracted is this repository's own
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
        archive.extractall(folder)
    return folder


def build_packages(source: Path, out: Path) -> tuple[Path, Path]:
    """The wheel and the source archive of exported files: the same bytes from the same commit."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(commit_seconds()), "PYTHONPATH": ""}
    with tempfile.TemporaryDirectory(dir=out) as fresh:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--target", "sdist"]
        subprocess.run([*command, "--directory", fresh], cwd=source, env=environment, check=True, capture_output=True)
        built = sorted(Path(fresh).iterdir(), key=lambda path: path.suffix != ".whl")
        wheel, archive = (Path(shutil.move(path, out / path.name)) for path in built)
    return wheel, archive


def build_folder(platform: TargetPlatform, wheel: Path, source: Path, out: Path) -> str:
    """Make a platform's folder anew; gives what to tell of it. Raises `BuildFailure` where a package has no wheel that
    is not known to have none."""
    own = read_wheel(wheel)
    folder = out / f"{PROGRAM}-{own.version}-{platform.name}"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    pins = read_pins(source / "constraints.txt")
    if lacking := _download(platform, [pins[name] for name in platform.lacking], wheels):
        shutil.rmtree(folder)
        names = ", ".join(sorted(lacking))
        return f"{platform.name}: NOT BUILT, since there is no wheel of {names}. {platform.instead}"

    def requires_of(name: str) -> Sequence[str]:
        return own.requires if name == PROGRAM else installed_requires(name)

    needed = {pin for python in PYTHONS for pin in needed_pins(pins, platform.environment(python), requires_of)}
    if lacking := _download(platform, sorted(needed), wheels):
        shutil.rmtree(folder)
        raise BuildFailure(f"{platform.name}: constraints.txt names no wheel of {', '.join(sorted(lacking))}")
    _download_installer(source, wheels)
    shutil.copy2(wheel, wheels)
    facts = [read_wheel(path) for path in sorted(wheels.iterdir())]
    _check_complete(facts, platform)
    _write_papers(folder, platform, facts, source)
    floor = floor_of(platform, facts)
    told = f"{folder}: {len(facts)} wheels, {floor}"
    if platform.name not in ARCHITECTURES:
        return told
    package = DebianPackage(folder, platform.name, source, own.version, floor.version, commit_seconds())
    return f"{told}\n{build_deb(package, out) or 'no .deb: this machine has no dpkg-deb'}"


def _download(platform: TargetPlatform, pins: Sequence[Pin], wheels: Path) -> set[str]:
    """Fetch the wheels of these packages for each version of Python; gives the names of those that have none."""
    lacking: set[str] = set()
    for python in PYTHONS:
        environment = platform.environment(python)
        here = [pin for pin in pins if pin.applies_to(environment) and pin.name not in lacking]
        if not _pip_download(platform, python, here, wheels):
            lacking |= {pin.name for pin in here if not _pip_download(platform, python, [pin], wheels)}
    return lacking


def _pip_download(platform: TargetPlatform, python: str, pins: Sequence[Pin], wheels: Path) -> bool:
    """Whether pip found a wheel of each. Markers are left out: pip would judge them by this machine."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("".join(f"{pin.name}=={pin.version} {' '.join(pin.hashes)}\n" for pin in pins))
        listed.flush()
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--require-hashes", "--only-binary=:all:", "--implementation", "cp", "--python-version", python,
            "--dest", str(wheels), "--requirement", listed.name,
        ]  # fmt: skip
        for tag in platform.tags:
            command += ["--platform", tag]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and not any(words in done.stderr for words in _NO_WHEEL):
        raise BuildFailure(f"{platform.name}: the packages could not be fetched:\n{done.stderr.strip()}")
    return done.returncode == 0


def _download_installer(source: Path, wheels: Path) -> None:
    """Fetch pip itself, which installs the others: a Python of Debian's has none. Raises `BuildFailure`."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--require-hashes", "--only-binary=:all:", "--dest", str(wheels), "--requirement", ".ci/release/pip.txt",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=source, check=False, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailure(f"pip itself could not be fetched:\n{done.stderr.strip()}")


def _check_complete(facts: Sequence[WheelFacts], platform: TargetPlatform) -> None:
    """Each wheel's own requirements are in the folder, whatever this machine's packages said. Raises `BuildFailure`."""
    for python in PYTHONS:
        if missing := missing_requirements(facts, platform, python):
            raise BuildFailure(f"{platform.name}, Python {python}: not in the folder: {', '.join(missing)}")


def missing_requirements(facts: Sequence[WheelFacts], platform: TargetPlatform, python: str) -> list[str]:
    """What wheels of a folder require on this platform, and no wheel of the folder is."""
    by_name = {Pin.normalized(wheel.name): wheel for wheel in facts}
    needed = needed_pins(
        {name: Pin(name, wheel.version, "", ()) for name, wheel in by_name.items()},
        platform.environment(python),
        lambda name: by_name[name].requires if name in by_name else (),
    )
    return sorted(pin.name for pin in needed if pin.name not in by_name)


def _write_papers(folder: Path, platform: TargetPlatform, facts: Sequence[WheelFacts], source: Path) -> None:
    """The installer, the list of packages, the bill of materials, and the checksums of all of it."""
    for name in INSTALLER:
        shutil.copy(source / ".ci/release" / name, folder / name)
    (folder / "install.sh").chmod(0o755)
    own = next(wheel for wheel in facts if Pin.normalized(wheel.name) == PROGRAM)
    lines = requirement_lines(facts, read_pins(source / "constraints.txt"))
    (folder / "requirements.txt").write_text("".join(lines), "utf-8")
    about = {
        "version": own.version, "platform": platform.name, "system": platform.system, "machines": platform.machines,
        "pythons": PYTHONS, "floor": floor_of(platform, facts)._asdict(),
    }  # fmt: skip
    _write_json(folder / "platform.json", about)
    _write_json(folder / "sbom.cdx.json", bill_of_materials(PROGRAM, facts, commit_seconds()))
    shutil.copytree(source / "sync/central/monitoring", folder / "monitoring")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n" for path in files
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
