"""The schema that this version reads and writes: the number of the newest file in ``migrations/versions``."""

from __future__ import annotations

from pathlib import Path

HEAD = max(path.name[:4] for path in Path(__file__).with_name("migrations").joinpath("versions").glob("[0-9]*.py"))
"""Four digits, such as ``0008``. Read from the folder, so that a new migration is entered nowhere else."""
