"""A program of the office: what it is given, and what it cannot do to the daemon."""

from __future__ import annotations

import os
from pathlib import Path

from sync.daemon.channels.program import give_to_program


def script(folder: Path, text: str) -> str:
    """A program of this text, in a path that a shell would take apart."""
    path = folder / "a b; touch oops $(id)"
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o700)
    return str(path)


def test_it_is_given_the_message_and_its_exit_code_counts(tmp_path: Path) -> None:
    """On its standard input, byte for byte, without a shell in between; one that fails, hangs, reads nothing, or is no
    program ends as what it is, and what it has started does not outlive it."""
    body = b'{"text": "\'; $(id) `id`"}' * 10_000
    assert give_to_program(script(tmp_path, f"cat > {tmp_path}/got"), body) == "sent"
    assert (tmp_path / "got").read_bytes() == body
    assert give_to_program(script(tmp_path, "exit 3"), body) == "refused"
    assert give_to_program(script(tmp_path, "exec < /dev/null; exit 0"), body) == "sent"
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    hanging = script(tmp_path, f"sleep 60 > {tmp_path}/alive & wait")
    assert give_to_program(hanging, body, deadline_s=1.0) == "timeout"
    os.set_blocking(alive, True)
    assert os.read(alive, 1) == b""  # the end comes when nobody has it open any more
    os.close(alive)
    assert give_to_program(str(tmp_path), body) == "unavailable"
    assert give_to_program("no\0such", body) == "unavailable"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name == "oops") == []
