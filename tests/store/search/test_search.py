"""What a search finds in a real store, in which order, with how many statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from store.commands import issues, visits
from store.db.connection import Connection
from store.ledger.kind_facts import kind_facts
from store.ledger.kinds import kinds
from store.search.filters import MAX_NAMED_LINES
from store.search.index import TITLE_LENGTH, IndexEntry, add_entries, index_entry, remove_entries
from store.search.ranking import SearchHit
from store.search.session import find
from tests.store.queries.sample import TODAY, Sample, statements
from tests.store.search.lookups import empty, entry

VISIT = {"at": "2026-09-21T10:00:00+08:00", "how": "visit", "text": "塔吊"}


def titles(hits: Iterable[SearchHit]) -> list[str]:
    """The hits' titles, in order."""
    return [hit.title for hit in hits]


@pytest.fixture
def connection() -> Iterable[Connection]:
    """An index in memory that is empty again afterwards."""
    made = empty()
    yield made
    ids = [row[0] for row in made.execute("SELECT id FROM search_line")]
    remove_entries(made, ids)


def test_ranks_come_in_order(connection: Connection) -> None:
    """An exact number, then a title's start, a title, people, text, however new the lower ranks are."""
    told = [
        entry("甲", id="number", number="临江"),
        entry("临江新区", id="start"),
        entry("去临江", id="title"),
        entry("乙", id="people", people="张三、临江"),
        entry("丙", id="text", text="在临江开工"),
    ]
    add_entries(connection, told)
    hits = find(connection, "临江")
    assert [hit.id for hit in hits] == [one.id for one in told]
    assert [hit.score for hit in hits] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "typed",
    ["甲建國", "199 0000 0001", "+8619900000001", "+86 199-0000-0001", "１９９ ００００ ０００１", "1990000-0001"],
)
def test_a_person_is_found_however_name_and_phone_are_typed(connection: Connection, typed: str) -> None:
    """Traditional forms, grouped digits and the country's code find who is stored without them."""
    add_entries(connection, [entry("甲建国", text="19900000001"), entry("乙卫东", text="19900000002")])
    assert titles(find(connection, typed)) == ["甲建国"]


def test_a_person_is_found_by_the_readings_of_a_rare_character(connection: Connection) -> None:
    """A name with a former private code point of GB18030 is found by its pinyin and by the usual character."""
    add_entries(connection, [entry("刘\ue863")])
    assert [titles(find(connection, typed)) for typed in ("liuyan", "刘䶮", "ly")] == [["刘\ue863"]] * 3


def test_newest_first_within_a_rank(connection: Connection) -> None:
    """A line that was changed last comes first, whenever it was first written."""
    add_entries(connection, [entry("临江一"), entry("临江二"), entry("临江三")])
    add_entries(connection, [entry("临江一")])
    assert titles(find(connection, "临江")) == ["临江一", "临江三", "临江二"]


def test_a_later_entry_of_the_same_line_wins(connection: Connection) -> None:
    """Of several entries for one line in one call, the last one counts and is the newest."""
    add_entries(connection, [entry("临江旧", id="x"), entry("临江二"), entry("临江新", id="x")])
    assert titles(find(connection, "临江")) == ["临江新", "临江二"]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("曾国华", "zgh"), ("曾国华", "cgh"), ("曾国华", "zengguohua"),
        ("重庆路", "cql"), ("重庆路", "zql"), ("重庆路", "chongqing"), ("重庆路", "zhongqing"),
        ("银行大楼", "yh"), ("银行大楼", "yinhang"), ("行政审批局", "xzspj"), ("行政审批局", "xingzheng"),
        ("单雄信", "sxx"), ("区小明", "oxm"), ("长春路", "ccl"), ("吕梁", "lvliang"), ("西安路", "xianlu"),
        ("张三丰", "zhangsf"), ("张三丰", "zsanf"), ("张三丰", "zhsf"), ("张三丰", "zhangsan"), ("张三丰", "zhangsa"),
        ("刘建新", "刘jx"), ("刘建新", "liujx"), ("刘建新", "l建x"), ("刘建新", "LJX"), ("刘建新", "ｌｊｘ"),
        ("2019续建", "2019xj"), ("2019续建", "2019续"), ("２０１９续建", "2019续"), ("3号楼", "3hl"), ("A3地块", "a3"),
        ("A3地块", "a3dk"), ("供热Pipe改造", "ipe"), ("供热Pipe改造", "热pi"), ("供热Pipe改造", "grpipe"),
        ("住建 局", "住建局"), ("住建（局）", "建局"), ("0419-123 4567", "04191234567"), ("199-0000-0012", "0012"),
        ("Müller", "muller"), ("Ⅱ期", "ii"), ("𬭎光", "hg"), ("〇一", "ly"),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_title(connection: Connection, title: str, typed: str) -> None:
    """Several readings, surnames' readings, mixed and half-typed pinyin, widths, cases, spaces and hyphens."""
    add_entries(connection, [entry(title)])
    assert titles(find(connection, typed)) == [title]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("张三丰", "zf"), ("负责组织", "fuzu"), ("临江局", "jl"), ("家", "g"), ("临江", "linjin"),
        ("2019", "2109"), ("1990000", "1999"), ("项目资料江苏局", "xmlj"), ("abc", "abd"),
    ],
)  # fmt: skip
def test_what_lies_apart_is_not_found(connection: Connection, title: str, typed: str) -> None:
    """Initials, syllables and digits must follow one another."""
    add_entries(connection, [entry(title)])
    assert find(connection, typed) == []


def test_initials_do_not_cross_from_one_name_to_the_next(connection: Connection) -> None:
    """People are found by their own initials only."""
    add_entries(connection, [entry("甲", people="张三、李四")])
    assert find(connection, "sls") == find(connection, "三李") == []
    assert titles(find(connection, "ls")) == ["甲"]


def test_all_words_must_match(connection: Connection) -> None:
    """Each word may be in another field, ideographs and letters mixed; the rank is that of the word found deepest."""
    add_entries(
        connection, [entry("临江新区", people="刘建新", text="征地补偿 Plan B"), entry("临江大桥", text="施工")]
    )
    for typed, score in [("临江 xq", 4), ("新区 ljx", 4), ("刘 临江", 2), ("征地 刘jx", 1), ("plan 临江，征地", 1)]:
        assert [(hit.title, hit.score) for hit in find(connection, typed)] == [("临江新区", score)]
    assert find(connection, "临江 电话") == []


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        '临江"',
        "临* 江*",
        "临 AND 江",
        "临 OR 无",
        "NEAR(临 江)",
        "title:临",
        "-临",
        "^临",
        "{title} : 临",
        "(临",
        "¶临",
        "¢visit",
    ],
)
def test_operators_are_only_characters(connection: Connection, typed: str) -> None:
    """What FTS5 takes as an operator is folded away or looked for like any word."""
    add_entries(connection, [entry("临江")])
    said = "".join(character for character in typed if character.isalnum())
    assert titles(find(connection, typed)) == (["临江"] if set(said) <= set("临江") and said else [])


@pytest.mark.parametrize("typed", ["", " ", "\t\n", "，", "—", "…"])
def test_nothing_typed_finds_nothing(connection: Connection, typed: str) -> None:
    """Blanks and punctuation are no question, and none is asked."""
    add_entries(connection, [entry("临江")])
    with statements(connection) as sent:
        assert find(connection, typed) == []
    assert sent == []


def test_statements_are_few_and_stop_when_there_is_enough(connection: Connection) -> None:
    """A number, four ranks and the hits are six statements, text hits one more for each kind; one rank suffices where
    titles that start with it fill the list."""
    add_entries(connection, [*(entry(f"临江{n}", id=f"a{n}") for n in range(3)), entry("乙", id="b", text="在临江")])
    with statements(connection) as sent:
        assert len(find(connection, "临江", limit=10)) == 4
    assert len(sent) == 1 + 4 + 1 + 1
    with statements(connection) as sent:
        assert titles(find(connection, "临江", limit=2)) == ["临江2", "临江1"]
    assert len(sent) == 1 + 1 + 1


def test_words_that_are_rare_together_take_one_look(connection: Connection) -> None:
    """All that several words find is ranked at once where it fits the list; where it does not, rank by rank."""
    told = [entry("临江", people="张三"), entry("张三在临江"), entry("乙", text="张三 临江"), entry("临江张三")]
    add_entries(connection, told)
    with statements(connection) as sent:
        assert titles(find(connection, "临江 张三")) == ["临江张三", "张三在临江", "临江", "乙"]
    assert len(sent) == 1 + 1 + 1
    with statements(connection) as sent:
        assert titles(find(connection, "临江 张三", limit=2)) == ["临江张三", "张三在临江"]
    assert len(sent) == 1 + 1 + 1


def test_letters_found_in_text_cost_no_statement_for_each_line(connection: Connection) -> None:
    """One letter word is decided by the index alone when it comes to the text."""
    add_entries(connection, [entry("甲", id=f"a{n}", text="see plan b") for n in range(9)])
    with statements(connection) as sent:
        assert len(find(connection, "plan")) == 9
    assert len(sent) == 1 + 4 + 1 + 1


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 99])
def test_the_limit_is_kept(connection: Connection, limit: int) -> None:
    """No more than were asked for, the best of them."""
    add_entries(connection, [entry("去临江"), entry("临江"), entry("乙", text="临江")])
    assert titles(find(connection, "临江", limit=limit)) == ["临江", "去临江", "乙"][:limit]


def test_a_kind_is_asked_for_by_name(connection: Connection) -> None:
    """``kind`` keeps lines of this kind only, the one with an underscore in its name included."""
    add_entries(
        connection,
        [entry("临江", id="v"), entry("临江", id="s", kind="issue_step"), entry("临江", id="i", kind="issue")],
    )
    for kind, id_ in (("visit", "v"), ("issue_step", "s"), ("issue", "i")):
        assert [hit.id for hit in find(connection, "临江", kind=kind)] == [id_]
        assert [hit.id for hit in find(connection, "lj", kind=kind)] == [id_]
    assert find(connection, "临江", kind="no_such") == []


def test_a_hit_shows_where_it_belongs(district: Sample) -> None:
    """A visit's hit has its project's name, a title of its first clause and what the text says around the word."""
    told = "今天查看了主体结构的施工情况，一切正常；" + "外墙保温正在收尾，" * 5 + "塔吊月底前拆除，随后清理场地"
    visits.log(district.ledger, project=district.water, how="visit", text=told)
    (hit,) = find(district.connection, "塔吊")
    assert (hit.kind, hit.project, hit.score, hit.state, hit.light) == ("visit", district.water, 1, None, None)
    assert hit.project_name and hit.project_name in titles(find(district.connection, hit.project_name))
    assert hit.title == "今天查看了主体结构的施工情况…"
    assert "塔吊月底前拆除" in hit.snippet and hit.snippet.startswith("…") and len(hit.snippet) < 60


def test_a_hit_by_its_title_shows_how_the_text_goes_on(district: Sample) -> None:
    """Beside a title that was cut out of a text stands what comes after it, on one line."""
    told = "今天查看了主体结构的施工情况，一切正常。\n外墙保温正在收尾，塔吊月底前拆除，随后清理场地"
    visits.log(district.ledger, project=district.water, how="visit", text=told)
    (hit,) = find(district.connection, "今天查看")
    assert hit.title == "今天查看了主体结构的施工情况，一切正常…"
    assert hit.snippet == "外墙保温正在收尾，塔吊月底前拆除，随后清理场地"


def test_a_text_is_found_across_the_end_of_its_title(district: Sample) -> None:
    """A title that was cut out of a text does not cut words in two."""
    told = "没有标点的话" * 20
    visits.log(district.ledger, project=district.water, how="visit", text=told)
    (hit,) = find(district.connection, told[TITLE_LENGTH - 4 : TITLE_LENGTH + 6])
    assert hit.title == told[:TITLE_LENGTH] + "…"


def test_a_person_is_found_by_name_and_phone(district: Sample) -> None:
    """Digits anywhere in a phone find the person, whose phone is shown with the name."""
    for typed in ("甲建国", "jjg", "jiajianguo", "甲jg", "00000001", "9900000001"):
        assert [(hit.kind, hit.title, hit.snippet) for hit in find(district.connection, typed)][:1] == [
            ("person", "甲建国", "19900000001")
        ]


def test_a_name_with_its_phone_lists_the_person_once(district: Sample) -> None:
    """Name and phone may be typed together; the line that holds the phone is not listed beside the person, nor by its
    kind."""
    for typed in ("甲建国", "甲建国 0001", "19900000001"):
        assert [(hit.kind, hit.title) for hit in find(district.connection, typed, kind="person")] == [
            ("person", "甲建国")
        ]
    assert find(district.connection, "19900000001", kind="contact") == []


def test_the_lookup_follows_phone_and_person_apart(district: Sample) -> None:
    """Whichever of the two lines changes or arrives first, the person is found by the phone that counts, and by none
    that is gone."""
    ledger, person = district.ledger, "0190c450-6c00-7aab-8cd7-bf1590705698"
    contact = ledger.put("contact", {"person_id": person, "phone": "19900000044"})
    assert find(district.connection, "00000044") == []
    ledger.put("person", {"name": "寅立春"}, id=person)
    assert [hit.id for hit in find(district.connection, "寅立春 00000044")] == [person]
    ledger.edit("person", person, title="科长")
    ledger.edit("contact", contact.id, phone="19900000045")
    assert [hit.snippet for hit in find(district.connection, "00000045")] == ["19900000045 科长"]
    assert find(district.connection, "00000044") == []
    ledger.delete("contact", contact.id)
    assert [[hit.id for hit in find(district.connection, text)] for text in ("00000045", "科长")] == [[], [person]]


def test_a_unit_is_found_by_its_phone(district: Sample) -> None:
    """A contact line may speak of a unit."""
    unit = district.ledger.put("unit", {"name": "热力公司"}).id
    district.ledger.put("contact", {"unit_id": unit, "phone": "0418-2900000"})
    assert [(hit.kind, hit.id) for hit in find(district.connection, "2900000")] == [("unit", unit)]


def test_an_issue_brings_its_state_and_light(district: Sample) -> None:
    """State and dates are those of the issue, for its steps too; the light is worked out for the day that is given."""
    due = (TODAY - timedelta(days=3)).isoformat()
    issue = district.record("塔吊拆除许可", due=due)
    (hit,) = find(district.connection, "塔吊", kind="issue", now=TODAY)
    assert (hit.id, hit.root, hit.state, hit.due, hit.light) == (issue, issue, "open", due, "red")
    assert find(district.connection, hit.number or "")[0].score == 5
    assert find(district.connection, "塔吊", now=TODAY - timedelta(days=60))[0].light is None


def test_state_and_department_narrow_issues_and_their_steps(district: Sample) -> None:
    """Only what belongs to issues in that state, or assigned to that department, is left."""
    first, second = district.record("塔吊一"), district.record("塔吊二")
    issues.act(district.ledger, second, "cancel", reason="塔吊已拆")
    visits.log(district.ledger, project=district.water, how="visit", text="塔吊三")
    found = find(district.connection, "塔吊", state="open")
    assert [hit.id for hit in found] == [first]
    assert {hit.root for hit in find(district.connection, "塔吊", state="cancelled")} == {second}
    assert {hit.kind for hit in find(district.connection, "塔吊", state="cancelled")} == {"issue", "issue_step"}
    unit = find(district.connection, "住建局", kind="unit")[0].id
    issues.act(district.ledger, first, "assign", department=unit, owner="丁水", due="2026-12-01")
    assert [hit.id for hit in find(district.connection, "td", department=unit)] == [first]
    assert find(district.connection, "塔吊", department=unit, state="open") == []
    district.act(first, "assign", **{"with": "供电公司"})
    other = find(district.connection, "供电公司", kind="unit")[0].id
    for state in (None, "assigned"):
        assert [hit.id for hit in find(district.connection, "td", department=other, state=state)] == [first]


@pytest.mark.parametrize("issues_there", [3, MAX_NAMED_LINES + 5])
def test_a_state_of_few_or_of_many_issues_finds_the_same(connection: Connection, issues_there: int) -> None:
    """Whether the wanted issues are named beforehand or are too many for that, their lines and no others are found,
    best and newest first."""
    row = "INSERT INTO issue_state (id, state, level, updated) VALUES (?, ?, 1, 0)"
    connection.executemany(row, ((f"i{n}", "open") for n in range(issues_there)))
    connection.execute(row, ("other", "closed"))
    told = [("塔吊一", "i0"), ("换塔吊", "i1"), ("塔吊二", "other"), ("塔吊三", None), ("塔吊四", "i2")]
    add_entries(
        connection, [entry(title, root=root, number="7", kind="issue" if root else "visit") for title, root in told]
    )
    assert titles(find(connection, "塔吊", state="open")) == ["塔吊四", "塔吊一", "换塔吊"]
    assert titles(find(connection, "td", state="open")) == ["塔吊四", "塔吊一", "换塔吊"]
    assert titles(find(connection, "7", state="open", limit=2)) == ["塔吊四", "换塔吊"]
    assert titles(find(connection, "塔吊", state="closed")) == ["塔吊二"]
    connection.execute("DELETE FROM issue_state")


def test_what_is_deleted_is_not_found(district: Sample) -> None:
    """A deleted line leaves the lookup with its last word, and comes back with a restore."""
    line = district.ledger.put("visit", VISIT, project=district.water)
    district.ledger.delete("visit", line.id)
    assert find(district.connection, "塔吊") == []
    district.ledger.restore(line.id, line.stamp, line.device)
    assert [hit.id for hit in find(district.connection, "塔吊")] == [line.id]


def test_a_long_word_is_found_in_texts_only_as_it_stands(district: Sample) -> None:
    """Where a word's rarest characters are near each other, the line itself decides, or the index, where the word goes
    on from one field to the next; nothing that only looks like it is found."""
    start = "今天到现场看了一遍主体结构和外墙保温的收尾情况，" * 2
    told = ["塔吊月底前拆除", "塔吊拆除月底前", "塔吊到月底前不拆除", "月底前拆除塔吊", "塔吊、月底前：拆除"]
    made = [visits.log(district.ledger, project=district.water, how="visit", text=start + text).id for text in told]
    body = {**VISIT, "text": start + "有塔吊月", "place": "底前拆除处"}
    across = district.ledger.put("visit", body, project=district.water).id
    assert [hit.id for hit in find(district.connection, "塔吊月底前拆除")] == [across, made[4], made[0]]
    assert [hit.id for hit in find(district.connection, "月底前拆除塔吊")] == [made[3]]
    assert [hit.id for hit in find(district.connection, "塔吊月底前拆除", kind="issue")] == []


def test_the_texts_of_a_kind_are_those_of_its_model() -> None:
    """The fields that decide are those that the lookup was told, in their order."""
    words = {name: kind.search_fields for name, kind in kinds().items() if kind.search_fields}
    known = {name: facts.text_fields for name, facts in kind_facts().items() if facts.text_fields}
    assert {name: (fields.title, *fields.text) for name, fields in words.items()} == known


def test_an_edit_is_found_by_its_new_words_only(district: Sample) -> None:
    """The index changes with the line."""
    line = visits.log(district.ledger, project=district.water, how="visit", text="塔吊")
    district.ledger.edit("visit", line.id, text="升降机")
    assert find(district.connection, "塔吊") == []
    assert [hit.id for hit in find(district.connection, "sjj")] == [line.id]


def test_everything_in_a_store_is_known_to_the_lookup(district: Sample) -> None:
    """Each line of a kind that is looked up has its row, with the words that its model names."""
    for kind in kinds().values():
        lines = district.connection.execute(f"SELECT count(*) FROM {kind.name} WHERE deleted = 0").fetchone()
        known = district.connection.execute("SELECT count(*) FROM search_line WHERE kind = ?", (kind.name,)).fetchone()
        assert known == (lines if kind.search_fields else (0,))


def test_a_deleted_line_has_no_entry(district: Sample) -> None:
    """What is deleted, or of a kind without words, has no entry."""
    line = district.ledger.put("visit", VISIT, project=district.water)
    kind = kinds()["visit"]
    assert index_entry(kind, line) == IndexEntry(line.id, "visit", district.water, None, "塔吊", "", "", VISIT["at"])
    assert index_entry(kind, line._replace(deleted=True)) is None
    assert index_entry(replace(kind, search_fields=None), line) is None


def test_a_line_without_a_title_is_shown_by_what_it_has(district: Sample) -> None:
    """A visit of which only the place or the people are known is found, and has a title."""
    for body, title in (({"place": "工地东门"}, "工地东门"), ({"participants": ["张三", "李四"]}, "张三、李四")):
        line = district.ledger.put("visit", {"at": VISIT["at"], "how": "visit", **body}, project=district.water)
        assert [(hit.id, hit.title) for hit in find(district.connection, title)] == [(line.id, title)]
