"""Lists of people as people write them."""

from __future__ import annotations

import pytest

from store.values.name_lists import split_name_list

AS_WRITTEN = {
    "张三 李四 王五": "张三|李四|王五",
    "张三,李四和王五": "张三|李四|王五",
    "张三/李四": "张三|李四",
    "张三；李四;王五\n赵六": "张三|李四|王五|赵六",
    "张三与李四、王五以及赵六": "张三|李四|王五|赵六",
    "张和平和李四": "张和平|李四",
    "李和平": "李和平",
    "欧阳和平、张三": "欧阳和平|张三",
    "王　伟 李小明": "王伟|李小明",
    "张三 局长、李四": "张三局长|李四",
    "张三（发改局、科长）、李四": "张三（发改局、科长）|李四",
    "买买提·艾力、John Smith": "买买提·艾力|John Smith",
    "住房和城乡建设局、发展和改革局": "住房和城乡建设局|发展和改革局",
    "发改局和住房和城乡建设局": "发改局|住房和城乡建设局",
    "张三、张三": "张三",
    "王等": "王等",
    " 、 ": "",
}


@pytest.mark.proves("R47")
def test_names_are_parted_as_people_part_them() -> None:
    """Marks, blanks, 和, 及 and 与 part names; what is one name is never torn apart."""
    for typed, names in AS_WRITTEN.items():
        assert split_name_list(typed) == (tuple(filter(None, names.split("|"))), ""), typed


def test_a_remark_is_no_person() -> None:
    """等5人 and its like stand beside the names."""
    for typed, remark in (
        ("张三及李四等5人", "等5人"),
        ("张三、李四等三人", "等三人"),
        ("张三 李四等同志", "等同志"),
        ("张三，李四，共2人", "共2人"),
        ("张三、李四等", "等"),
    ):
        assert split_name_list(typed) == (("张三", "李四"), remark), typed
    assert split_name_list("20余人") == ((), "20余人")
