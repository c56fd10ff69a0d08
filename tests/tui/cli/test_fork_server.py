"""Processes that tests start do not outlive the tests."""

from __future__ import annotations

import os

import pytest

from tests.tui.cli.fork_server import ForkServer
from tests.tui.cli.fork_template import connect_to_server


@pytest.mark.soak(only=True)
def test_what_a_killed_run_started_ends() -> None:
    """When nobody asks the server any more, as after a killed run, what still runs is stopped."""
    server = ForkServer(connect_to_server())
    process = server.start((), dict(os.environ), program="signal:pause", with_stderr=False)
    assert process.poll() is None
    server.close()
    assert process.stdout.read() == b""  # its end is the end of what it writes
