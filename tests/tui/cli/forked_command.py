"""Starts a command in the fork server of a test run, for tests whose app starts commands by itself: an interpreter that
imports nothing, and the command as a fork that has everything loaded, on the same standard streams.

    python -S forked_command.py SOCKET PROGRAM ARGUMENTS…
"""

from __future__ import annotations

import json
import os
import socket
import sys


def main(address: str, program: str, *arguments: str) -> int:
    """Run it to its end; gives its exit code."""
    request = {
        "program": program, "arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd(),
        "waits": True,
    }  # fmt: skip
    asked = json.dumps(request).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        socket.send_fds(connection, [b"e"], [2])
        socket.send_fds(connection, [len(asked).to_bytes(4, "big")], [1, 2, 0])
        connection.sendall(asked)
        return int.from_bytes(connection.recv(4), sys.byteorder, signed=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
