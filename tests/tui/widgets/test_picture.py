"""Pictures in a terminal's cells."""

from __future__ import annotations

from store.values.media.pictures import Preview
from tui.widgets.picture import SHADES, PictureRow, PictureStyle, picture_lines

BLACK, WHITE, RED = b"\0\0\0", b"\xff\xff\xff", b"\xff\0\0"
PICTURE = Preview(2, 3, BLACK + WHITE + RED + RED + WHITE + WHITE)


def test_half_blocks_show_two_pixels_a_cell() -> None:
    """The upper pixel is the text's colour, the lower the background's; a last odd row stands for both."""
    first, second = picture_lines(PICTURE, PictureStyle("blocks"))
    assert first == [("▀", "#000000 on #ff0000"), ("▀", "#ffffff on #ff0000")]
    assert second == [("▀▀", "#ffffff on #ffffff")]


def test_other_ways_have_one_width_everywhere() -> None:
    """Whole cells and signs use nothing but ASCII, so that no terminal draws them wider; signs need no colour."""
    cells, signs = (picture_lines(PICTURE, PictureStyle(name)) for name in ("cells", "signs"))
    assert cells[0] == [(" ", "#7f0000 on #7f0000"), (" ", "#ff7f7f on #ff7f7f")]
    assert signs == [[(SHADES[1] + SHADES[6], "")], [(SHADES[9] * 2, "")]]
    assert picture_lines(PICTURE, PictureStyle("signs", dark=False))[1] == [(SHADES[0] * 2, "")]
    assert picture_lines(PICTURE, PictureStyle("none")) == []


def test_pictures_stand_beside_each_other_while_there_is_room() -> None:
    """On a page of 80 cells more pictures fit in a row than on one of 6, or of 3; names are cut to their picture."""
    row = PictureRow([("one.jpg", PICTURE)] * 3, PictureStyle("signs"))
    assert [len(row.lay_out(width)) for width in (80, 6, 3, 1)] == [3, 6, 9, 0]
    assert row.lay_out(80)[2] == [("o»  ", "muted")] * 3
