"""The pictures and charts in a .docx: the parts of its package that they are, and how a paragraph shows one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from store.values.media.pictures import Thumbnail

CONTENT_TYPES, RELATIONS = "[Content_Types].xml", "word/_rels/document.xml.rels"
_EMU_A_CM = 360_000
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class PlacedChart(NamedTuple):
    """A chart that the document has as a part: the ``relation`` by which it is named, its title and height."""

    relation: str
    title: str
    height_cm: float


class Media:
    """The pictures of one document, each kept once until the document is written, and its ``charts``, by the places of
    their tables."""

    def __init__(self, charts: Mapping[int, PlacedChart]) -> None:
        self.charts = charts
        self._numbers: dict[bytes, int] = {}
        self._shown = 0

    def drawing(self, picture: Thumbnail, words: str, width_cm: float, height_cm: float) -> str:
        """The run that shows a picture, within so many centimetres; ``words`` say what it is to who cannot see it."""
        number = self._numbers.setdefault(picture.content, len(self._numbers) + 1)
        self._shown += 1
        scale = min(width_cm / picture.width, height_cm / picture.height) * _EMU_A_CM
        size = f'cx="{int(picture.width * scale)}" cy="{int(picture.height * scale)}"'
        said = f'id="{self._shown}" name={quoteattr(f"picture {self._shown}")}'
        return (
            f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" '
            f'distR="0"><wp:extent {size}/><wp:docPr {said} descr={quoteattr(words)}/>'
            f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
            f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr {said}/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip xmlns:r="{_RELATION}" r:embed="{_relation(number)}"/><a:stretch><a:fillRect/>'
            f'</a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )

    def chart_drawing(self, number: int, width_cm: float) -> str:
        """The run that shows the chart of a table, so wide."""
        chart = self.charts[number]
        self._shown += 1
        name = quoteattr(chart.title)
        return (
            f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" '
            f'distR="0"><wp:extent cx="{int(width_cm * _EMU_A_CM)}" cy="{int(chart.height_cm * _EMU_A_CM)}"/>'
            f'<wp:docPr id="{self._shown}" name={name} descr={name}/><a:graphic xmlns:a="{_DRAWING}/main">'
            f'<a:graphicData uri="{_DRAWING}/chart"><c:chart xmlns:c="{_DRAWING}/chart" xmlns:r="{_RELATION}" '
            f"r:id={quoteattr(chart.relation)}/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """The parts of the package, by name."""
        for content, number in self._numbers.items():
            yield f"word/media/picture{number}.jpeg", content

    def add_relations(self, relations: str) -> str:
        """The relations of the document, with those of its pictures."""
        own = "".join(
            f'<Relationship Id="{_relation(number)}" Type="{_RELATION}/image" Target="media/picture{number}.jpeg"/>'
            for number in self._numbers.values()
        )
        return relations.replace("</Relationships>", f"{own}</Relationships>")


def _relation(number: int) -> str:
    return f"rIdPicture{number}"


def add_content_type(types: str) -> str:
    """The types of the package's parts, with that of pictures."""
    return types.replace("<Override", '<Default Extension="jpeg" ContentType="image/jpeg"/><Override', 1)
