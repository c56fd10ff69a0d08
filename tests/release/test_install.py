"""An offline folder installs, goes on beside the version before, and leaves every ledger alone when it is removed."""

from __future__ import annotations

import ensurepip
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from release.build import INSTALLER, ROOT, main
from tests.release.test_build import tiny_wheel

PROGRAM = "def main():\n    print('guanjia {version}')\n"
ENTRY = "[console_scripts]\nguanjia = program:main\n"


def bundled_pip() -> Path:
    """The wheel of pip that comes with this Python."""
    folders = [Path(ensurepip.__file__).parent / "_bundled", Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/none")]
    return next(wheel for folder in folders for wheel in folder.glob("pip-*.whl"))


def made_folder(folder: Path, version: str, **about: object) -> Path:
    """A folder as ``make dist`` makes one, of a program that only says its version."""
    wheels = folder / "wheels"
    info = f"guanjia-{version}.dist-info"
    files = {"program.py": PROGRAM.format(version=version), f"{info}/entry_points.txt": ENTRY}
    wheel = tiny_wheel(wheels, "guanjia", version, files=files)
    shutil.copy(bundled_pip(), wheels)
    for name in INSTALLER:
        shutil.copy(ROOT / ".ci/release" / name, folder)
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements.txt").write_text(f"guanjia=={version} --hash=sha256:{checksum}\n")
    this = {
        "version": version, "platform": "this", "system": platform.system(), "machines": [platform.machine()],
        "pythons": ["3.11", "3.12", "3.13", "3.14"], "floor": {"what": "glibc", "version": "2.17", "because": ""},
    }  # fmt: skip
    (folder / "platform.json").write_text(json.dumps({**this, **about}))
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def run(folder: Path, where: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``install.sh`` with a home of the test's own; pip's settings name an index that nobody may be asked for."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(where), "LC_ALL": "C.UTF-8", "GUANJIA_LANGUAGE": "en",
        "PIP_INDEX_URL": "https://index.invalid/simple", "PIP_REQUIRE_VIRTUALENV": "1",
    }  # fmt: skip
    command = [
        "sh",
        str(folder / "install.sh"),
        "--prefix",
        str(where / "管 家"),
        "--bin",
        str(where / "bin"),
        *options,
    ]
    return subprocess.run(command, env=environment, cwd=where, check=False, capture_output=True, text=True)


def test_a_newer_version_takes_the_place_of_an_older_and_ledgers_outlive_both(tmp_path: Path) -> None:
    """In folders with blanks and Chinese: the command is the newer one after its trial, the older stays beside it; a
    version that does not start changes nothing; uninstalling removes the program and no ledger."""
    ledger = tmp_path / ".local/share/guanjia/ledger.db"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"ledger")
    command = tmp_path / "bin/guanjia"

    def version() -> str:
        return subprocess.run([str(command), "--version"], check=True, capture_output=True, text=True).stdout.strip()

    first = run(made_folder(tmp_path / "1", "1.0"), tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert version() == "guanjia 1.0"
    assert run(made_folder(tmp_path / "2", "2.0"), tmp_path).returncode == 0
    assert version() == "guanjia 2.0"
    assert {path.name for path in (tmp_path / "管 家").iterdir()} == {"1.0", "2.0"}
    gone = run(tmp_path / "2", tmp_path, "--uninstall")
    assert (gone.returncode, "Ledgers, keys and settings" in gone.stdout) == (0, True)
    assert not command.is_symlink() and not (tmp_path / "管 家").exists()
    assert ledger.read_bytes() == b"ledger"
    assert run(tmp_path / "2", tmp_path, "--uninstall").returncode == 1


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"machines": ["riscv64"]}, "the folder is for"),
        ({"system": "Plan9"}, "the folder is for"),
        ({"pythons": ["3.9"]}, "This Python is"),
        ({"floor": {"what": "glibc", "version": "9.9", "because": ""}}, "needs glibc 9.9"),
    ],
    ids=["machine", "system", "python", "glibc"],
)
def test_a_folder_for_another_machine_is_refused(tmp_path: Path, about: dict[str, object], told: str) -> None:
    """What would fail in the middle, or run wrongly, is refused with a sentence before anything is written."""
    done = run(made_folder(tmp_path / "1", "1.0", **about), tmp_path)
    assert (done.returncode, told.lower() in done.stdout.lower()) == (1, True), done.stdout
    assert "Nothing was installed" in done.stdout and not (tmp_path / "bin").exists()


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "no sums"])
def test_a_folder_that_is_not_what_was_built_is_refused(tmp_path: Path, harm: str) -> None:
    """A stick that has lost or changed a byte, or somebody who has put a package of theirs in: nothing is installed."""
    folder = made_folder(tmp_path / "1", "1.0")
    wheel = folder / "wheels/guanjia-1.0-py3-none-any.whl"
    if harm == "changed":
        wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    elif harm == "missing":
        wheel.unlink()
    elif harm == "added":
        tiny_wheel(folder / "wheels", "evil", "1.0")
    else:
        (folder / "SHA256SUMS").unlink()
    done = run(folder, tmp_path, "--check")
    assert (done.returncode, "not those that were built" in done.stdout) == (1, True)


def test_a_command_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    """A ``guanjia`` that another installer has put there stays, and is named."""
    foreign = tmp_path / "bin/guanjia"
    foreign.parent.mkdir()
    foreign.write_text("#!/bin/sh\n")
    done = run(made_folder(tmp_path / "1", "1.0"), tmp_path)
    assert (done.returncode, str(foreign) in done.stdout) == (1, True)
    assert foreign.read_text() == "#!/bin/sh\n"


FRESH_ROOT = r"""
set -e
mount -t tmpfs none "$1" && mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc" && mount --bind /dev "$1/root/dev"
mkdir -p "$1/root/tmp" && cp "$2" "$1/root/tmp/guanjia.deb"
ip link set lo up
chroot "$1/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 GUANJIA_LANGUAGE=en \
  GUANJIA_CREDENTIALS=file PYTHON=/usr/bin/python3 sh -ec '
    dpkg -i /tmp/guanjia.deb
    guanjia central install --data /var/lib/guanjia-central --district 210903 --name 新邱区 --admin 王芳 \
      --host 0.0.0.0 --port 8443 --address 127.0.0.1 --json > /tmp/said.json
    said() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" /tmp/said.json; }
    su -s /bin/sh guanjia -c "guanjia central serve --data /var/lib/guanjia-central --host 0.0.0.0 --port 8443 \
      --tls-cert /var/lib/guanjia-central/central.pem --tls-key /var/lib/guanjia-central/central.pem" > /tmp/ready &
    until test -s /tmp/ready; do sleep 0.2; done
    guanjia --home /tmp/boss join "$(said join)" --code "$(said code)"
    code=$(guanjia --home /tmp/boss admin invite 李四 --role butler)
    guanjia --home /tmp/butler join "$(said join)" --code "$code"
    guanjia --home /tmp/boss sync && guanjia --home /tmp/butler sync
    dpkg -r guanjia
    test ! -e /usr/bin/guanjia && test -e /tmp/butler/ledger.db && test -e /var/lib/guanjia-central/central.db
    echo all is well'
"""
"""A copy of this machine's files, without its network: the package installed, a central made by one command and served
as the package's user, two laptops joined by the printed address, and the program removed again."""


@pytest.mark.soak(only=True)  # fetches all wheels of this platform from the package index
@pytest.mark.needs("linux", "root", "dpkg")
def test_what_is_handed_out_installs_and_runs_without_a_network(tmp_path: Path) -> None:
    """Built for real. The folder: installed in a namespace without any network, and the demo's story played there. The
    package: from a bare system to a served central and two joined laptops, and removed with every ledger left."""
    name = f"linux-{platform.machine()}"
    assert main(["--out", str(tmp_path / "out"), "--platform", name]) == 0
    folder = next((tmp_path / "out").glob(f"*-{name}"))
    script = (
        f"ip link set lo up; sh {folder}/install.sh --prefix {tmp_path}/lib --bin {tmp_path}/bin && "
        f"{tmp_path}/bin/guanjia demo --no-tui --story-only"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "GUANJIA_LANGUAGE": "en"}
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", script]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kept in the history" in done.stdout
    (tmp_path / "fresh").mkdir()
    package = next((tmp_path / "out").glob("*.deb"))
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c", FRESH_ROOT, "sh", str(tmp_path / "fresh")]
    done = subprocess.run([*command, str(package)], env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and "all is well" in done.stdout, done.stdout + done.stderr
