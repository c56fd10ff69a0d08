"""The reach of the import on tables as offices keep them, scored over variants of one table."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from itertools import count, islice
from pathlib import Path

import pytest

from store.importing import read_table
from store.importing.exceptions import TableImportError
from store.importing.table import parse_table
from tests.store.importing.samples import WRITERS
from tests.store.importing.variants import Variant, make_variant, outcome_of

_HARMLESS = frozenset(("unknown_column", "missing_lead_leader", "missing_butler", "missing_enterprise_contact"))
"""Warnings that do not tell of a wrong person or project."""
RIGHT, TOLD, SILENT = "right", "wrong but told", "wrong in silence"
LEAST_RIGHT = 0.95


def verdict(variant: Variant) -> tuple[str, str]:
    """How the import reads a variant, and what differs."""
    try:
        table = parse_table(variant.source)
    except TableImportError as error:
        return TOLD, str(error)
    found = outcome_of(table)
    if found == variant.outcome:
        return RIGHT, ""
    wrong = {name: (found.get(name), variant.outcome.get(name)) for name in {*found, *variant.outcome}}
    differing = str([pair for pair in wrong.items() if pair[1][0] != pair[1][1]][:2])
    codes = {warning.code for warning in table.warnings}
    return (TOLD if codes - _HARMLESS else SILENT), f"{differing} {sorted(codes)}"


def score(seeds: Iterable[int]) -> tuple[Counter[str], str]:
    """How many variants are read how, and those that are not right, for a person."""
    counts: Counter[str] = Counter()
    faults = []
    for seed in seeds:
        variant = make_variant(seed)
        reading, what = verdict(variant)
        counts[reading] += 1
        if reading != RIGHT:
            faults.append(f"{seed} {reading} {variant.choices} {what}")
    return counts, "\n".join((str(dict(counts)), *faults[:20]))


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("kind", ["xlsx", "docx", "csv"])
def test_variants_written_as_files_are_read_alike(kind: str, tmp_path: Path) -> None:
    """What is right for rows of cells is right for files of office programs."""
    single = (variant for seed in count() if len((variant := make_variant(seed)).source.places) == 1)
    plain = (variant for variant in single if not any(cell.merged for row in variant.source.rows for cell in row.cells))
    for place, variant in enumerate(islice(plain, 4)):
        path = tmp_path / f"{place}.{kind}"
        path.write_bytes(WRITERS[kind]([[cell.text for cell in row.cells] for row in variant.source.rows]))
        assert outcome_of(read_table(path)) == variant.outcome, variant.choices


@pytest.mark.soak
def test_tables_as_offices_keep_them_are_read_right_or_told() -> None:
    """Of so many variants of a table at least 95 in 100 are read right, the others told, none wrong in silence."""
    amount = int(os.environ.get("GUANJIA_SEEDS", "120")) if os.environ.get("TESTS_SOAK") else 120
    counts, shown = score(range(amount))
    assert counts[SILENT] == 0, shown
    assert counts[RIGHT] >= LEAST_RIGHT * amount, shown
