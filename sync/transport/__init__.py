"""HTTP to the central. Use: ``client.HttpCentral`` (``sync/protocol/calls.py`` over HTTP), ``endpoint.check_address``.

It may import the protocol and ``store.values``; it knows nothing of the store's database or of rounds.
"""

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import cast


def _without(name: str) -> None:
    """Let whoever imports this module find at once that it is not there."""
    sys.modules.setdefault(name, cast("ModuleType", None))


_without("httpx._main")  # its command line, for which it loads rich and pygments: 4 MB that each round would hold
if find_spec("sniffio") is None:
    _without("sniffio")  # httpcore looks for it several times a request, and Python searches all its folders in vain
