"""The standard procedures as data: which hold on a day, which are proposed for which project."""

from __future__ import annotations

import pytest

from store.domain.procedure_catalogue import (
    STAGES,
    definition,
    definitions,
    definitions_on,
    procedure_order,
    procedures_for,
)


@pytest.mark.proves("R19", "R20", "R57")
def test_the_forty_four_procedures_are_there() -> None:
    """Each has a code of its own, a stage, a department and the categories that it applies to."""
    known = definitions()
    assert len({one.code for one in known}) == len(known) == 44
    assert {one.stage for one in known} == set(STAGES)
    assert all(one.department and one.name and one.name_en and one.categories for one in known)
    focus = {"project_approval", "land_grant", "land_planning_permit", "eia"}
    assert focus <= {one.code for one in known if one.core}


def test_definitions_have_versions() -> None:
    """A definition that was replaced holds up to its last day, its successor from the next."""
    old = definitions()[0]._replace(valid_to="2026-06-30", days=5)
    new = old._replace(valid_from="2026-07-01", valid_to=None, days=3)
    both = (old, new)
    assert [one.days for one in definitions_on("2026-06-30", both)] == [5]
    assert [one.days for one in definitions_on("2026-07-01", both)] == [3]
    assert definitions_on("2018-12-31", both) == ()


def test_what_is_proposed_depends_on_the_category() -> None:
    """A project that is being built needs no land any more; one that is not begun has no acceptance yet."""
    stages = {
        category: {one.stage for one in procedures_for(category, "2026-07-01")}
        for category in ("new", "continuing", "advancing")
    }
    assert "land_use" not in stages["continuing"] and "completion" in stages["continuing"]
    assert "land_use" in stages["advancing"] and "completion" not in stages["advancing"]
    assert {"land_use", "completion"} <= stages["new"]
    every = procedures_for("new", "2026-07-01", include_optional=True)
    assert {one.code for one in procedures_for("new", "2026-07-01")} < {one.code for one in every}


def test_customary_days_and_places() -> None:
    """Where the days depend on the sort of paper the longest counts; what nobody knows is None; codes have their
    place."""
    eia, rights = definition("eia", "2026-07-01"), definition("real_estate_land", "2026-07-01")
    assert eia is not None and eia.days == 20
    assert rights is not None and rights.days is None
    assert procedure_order("project_approval") == 0 and procedure_order("own") == 44
    assert definition("own", "2026-07-01") is None
