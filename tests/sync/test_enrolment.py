"""Joining a central: one-time secrets are spent last."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.home.settings import Settings
from sync.enrolment import join_central
from tests.sync.central_fixture import running_central
from tests.sync.laptops import Laptop


@pytest.mark.parametrize("credentials", ["file", "systemd"])
def test_a_join_that_cannot_store_its_token_leaves_the_code_good(tmp_path: Path, credentials: str) -> None:
    """A file stands where the folder of the secrets should be, or the service manager keeps no secrets here: that is
    told before the code is spent, and the same code works once there is a place for the token."""
    with running_central(tmp_path) as central:
        code, laptop = central.invite("李乙"), Laptop(tmp_path / "home")
        laptop.home.create()
        laptop.home.credentials.write_text("")
        settings: Settings = laptop.settings._replace(credentials=credentials)
        with pytest.raises(Exception) as failed:
            join_central(laptop.home, settings, central.url, code)
        assert type(failed.value).__module__.startswith("store."), failed.value
        assert not laptop.home.exists
        laptop.home.credentials.unlink()
        assert join_central(laptop.home, laptop.settings, central.url, code).person_name == "李乙"
