"""Guesses which ledger a table is, by its headings and its title; and takes a table in as what it is.

> A responsibility table is judged first, and carefully (``store/importing/registers.py``): whoever takes another table
> for one ends people's roles. Only what is none is guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from store.importing import import_table
from store.importing.cell_source import CellSource
from store.importing.column_meanings import RESPONSIBILITY
from store.importing.exceptions import NotATable, TableImportError
from store.importing.import_report import ImportReport
from store.importing.readers import read_cells
from store.importing.records import import_records
from store.importing.records.fields import REGISTERS
from store.importing.records.report import RecordReport
from store.importing.records.shape import RegisterName
from store.importing.records.table import headings_as
from store.importing.refusals import OtherTableRefused
from store.writer.local_writes import Ledger

__all__ = ["RESPONSIBILITY", "guess_register", "import_file"]
_TITLES: Mapping[RegisterName, str] = {
    "issues": r"问题|诉求|困难|销号",
    "visits": r"走访|服务日志|工作台账|工作日志",
    "people": r"通讯录|联系人|人员名单|花名册",
    "units": r"单位名[录单]|部门名[录单]",
    "procedures": r"手续|审批事项",
    "policies": r"政策|文件目录|文件清单",
    "progress": r"进度|进展|形象",
    "trainings": r"培训|学习|教育",
    "returns": r"报送|报表",
    "follow-ups": r"回访|满意度",
    "deliveries": r"传递|宣讲|送政策",
    "adoption": r"制度|建立情况",
    "statistics": r"入库|纳统",
}
_TITLED = 3
"""So many columns is the word of a title worth."""


def guess_register(source: CellSource) -> RegisterName | None:
    """The register that most columns of the table are of; None where none has what it needs, or two have as many."""
    scores = {name: score for name in _TITLES if (score := _score(source, name))}
    best = sorted(scores.values(), reverse=True)
    if not best or best[1:2] == best[:1]:
        return None
    return next(name for name, score in scores.items() if score == best[0])


def _score(source: CellSource, name: RegisterName) -> int:
    register = REGISTERS[name]
    best = 0
    for above, meanings in headings_as(source, register):
        if register.lacking(meanings):
            continue
        own = {meaning for meaning in meanings if meaning and (field := register.field(meaning)) and not field.common}
        titled = any(re.search(_TITLES[name], text) for text in above)
        best = max(best, len(own) + _TITLED * titled)
    return best


def import_file(
    ledger: Ledger,
    path: Path,
    register: str | None = None,
    said: Sequence[str] = (),
    *,
    dry_run: bool = False,
    noted_in: Path | None = None,
) -> ImportReport | RecordReport:
    """Take the table at ``path`` in as ``register`` (`RESPONSIBILITY` or a `RegisterName`); None: as what it is. Raises
    what `import_table` and `import_records` raise."""
    known = REGISTERS.get(register or "")
    if known is not None:
        return import_records(ledger, path, known.name, said, dry_run=dry_run, noted_in=noted_in)
    source = read_cells(path)
    try:
        return import_table(ledger, path, said, dry_run=dry_run, source=source)
    except (OtherTableRefused, NotATable) as error:
        guess = guess_register(source) if register is None else None
        if guess is None:
            raise
        refusal: TableImportError = error
    try:
        return import_records(ledger, path, guess, said, dry_run=dry_run, noted_in=noted_in, source=source)
    except TableImportError as error:
        error.values.setdefault("register", guess)
        raise error from refusal
