"""Temporary files of tests that were killed do not fill the memory."""

from __future__ import annotations

import os
from pathlib import Path

from tests.scratch import remove_abandoned


def test_only_old_folders_of_tests_are_removed(tmp_path: Path) -> None:
    """A folder that a killed run left goes; one in which something has changed since, or of another program, stays."""
    for name in ("guanjia-seed-old", "guanjia-seed-used", "gj-pg-old", "other-old", "guanjia-seed-new"):
        (tmp_path / name / "data").mkdir(parents=True)
        if name != "guanjia-seed-used":
            os.utime(tmp_path / name / "data", (1_000, 1_000))
        os.utime(tmp_path / name, (1_000, 1_000))
    os.utime(tmp_path / "guanjia-seed-new", (3_000, 3_000))
    (tmp_path / "guanjia-link").symlink_to(tmp_path / "other-old")
    remove_abandoned(tmp_path, 2_000)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"guanjia-seed-used", "other-old", "guanjia-seed-new", "guanjia-link"}
