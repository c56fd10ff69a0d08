"""The central as a process: ready line, workers, SIGTERM, SIGKILL, TLS."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.central.admin import admin
from sync.central.api.serve import ListenAddress, serve
from sync.central.exceptions import CentralDown, NoCentral
from tests.sync.central.ledger import ids, outcome_codes, project, visit
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, ROOT, central_process

PATIENCE = 120.0


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether a condition becomes true before `PATIENCE` ends."""
    until = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def children(pid: int) -> list[int]:
    """The processes below one."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("workers", [1, 2])
def test_it_says_where_it_is_and_ends_on_sigterm(tmp_path: Path, workers: int) -> None:
    """One line on stdout when it answers; SIGTERM ends it with exit code 0, open live streams and all."""
    with central_process(tmp_path, workers=workers) as central:
        laptop = central.enrol("局长")
        with laptop.client.stream("GET", "/v1/live") as stream:
            assert next(stream.iter_lines()) == ": here"
            assert central.stop(signal.SIGTERM) == 0
        assert central.process is not None
        assert central.process.stdout.read() == b""


def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    """Killed between pushes and started again, the central has every acknowledged line and is sound."""
    with central_process(tmp_path) as central:
        laptop = central.enrol("局长")
        own = project(laptop)
        pushed = [own]
        assert outcome_codes(laptop.push([own])) == ["applied"]
        for n in range(3):
            batch = [visit(laptop, own.id, f"{n}-{m}") for m in range(20)]
            assert set(outcome_codes(laptop.push(batch))) == {"applied"}
            pushed += batch
            central.stop(signal.SIGKILL)
            central.start()
        reader = central.enrol("副局长")
        assert ids(reader.pull()) == [line.id for line in pushed]
        assert admin.check_integrity(central.data_dir) | {"lines": 0} == {
            "lines": 0,
            "damaged": [],
            "buckets": [],
            "total": False,
        }


@pytest.mark.needs("linux")
def test_workers_do_not_outlive_their_supervisor(tmp_path: Path) -> None:
    """When the supervisor is killed its workers end too, so the port is free again."""
    with central_process(tmp_path, workers=2) as central:
        assert central.process is not None
        assert eventually(lambda: len(_workers(central.process.pid)) == 2)  # type: ignore[union-attr]
        workers = _workers(central.process.pid)
        central.stop(signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, workers)))
        central.start()
        assert central.enrol("局长").hello()["protocol"] == 1


def _workers(pid: int) -> list[int]:
    """The worker processes of a supervisor, without Python's own resource tracker."""
    found = []
    for child in children(pid):
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"spawn_main" in command:
            found.append(child)
    return found


def test_what_cannot_be_served_is_said(tmp_path: Path) -> None:
    """No central in the folder, a port that is taken and a certificate that is none are errors for people."""
    with pytest.raises(NoCentral):
        serve(tmp_path)
    with central_process(tmp_path) as central, pytest.raises(CentralDown):
        serve(central.data_dir, ListenAddress(port=int(central.url.rpartition(":")[2])))
    no_cert = tmp_path / "cert.pem"
    no_cert.write_text("not a certificate")
    for path in (no_cert, tmp_path / "missing.pem"):
        with pytest.raises(CentralDown):
            serve(tmp_path / "central", ListenAddress(tls_cert=path, tls_key=path))


def test_https(tmp_path: Path) -> None:
    """With a certificate the address is https, and a device that trusts it gets through."""
    cert, key = certificate(tmp_path)
    data_dir = tmp_path / "central"
    admin.create(data_dir, DISTRICT, DISTRICT_NAME)
    code = (
        "from pathlib import Path; from sync.central.api.serve import ListenAddress, serve; "
        f"serve(Path({str(data_dir)!r}), ListenAddress('127.0.0.1', 0, Path({str(cert)!r}), Path({str(key)!r})))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        assert httpx.get(f"{url}/openapi.json", verify=trusting).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/openapi.json")
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "central.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return cert_file, key_file
