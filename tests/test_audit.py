"""``make audit`` asked for real, with an advisory database of the test's own in place of the public one."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.test_package import pins

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.soak(only=True)  # makes an environment for the auditor, from the package index


@contextmanager
def advisory_database(package: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """A server that answers OSV's ``/v1/query``, with one advisory for ``package``, and the versions it was asked for
    by name."""
    asked: dict[str, str] = {}

    class Database(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            asked[name] = query["version"]
            advisory = {"id": "TEST-2026-1", "summary": "An advisory of the test", "affected": []}
            body = json.dumps({"vulns": [advisory]} if name == package else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audit(url: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run ``make audit`` against the database at ``url``."""
    options = f"--vulnerability-service osv --osv-url {url} --cache-dir {cache} --progress-spinner off"
    return subprocess.run(["make", "audit", f"ARGS={options}"], check=False, cwd=ROOT, capture_output=True, text=True)


def test_an_advisory_for_a_package_that_we_pin_fails_the_audit(tmp_path: Path) -> None:
    """The package, its pinned version and the advisory are named, and the command fails."""
    with advisory_database("httpx") as (url, _):
        result = audit(url, tmp_path)
    assert result.returncode != 0
    assert ["httpx", pins()["httpx"][0], "TEST-2026-1"] == result.stdout.splitlines()[-1].split()[:3], result.stderr


def test_every_pinned_package_is_asked_about(tmp_path: Path) -> None:
    """Without an advisory the audit passes, after it has asked for each version of ``constraints.txt`` that is for this
    platform."""
    with advisory_database(None) as (url, asked):
        result = audit(url, tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(asked) > 40
    assert {name: version for name, (version, _) in pins().items() if name in asked} == asked
