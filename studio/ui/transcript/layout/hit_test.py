"""What lies at a point of a message: a place in the text, a link, code, something wide."""

from __future__ import annotations

from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.code import CodeBox
from studio.ui.transcript.layout.message import ANSWER, MessageBox
from studio.ui.transcript.layout.section import Placed
from studio.ui.transcript.layout.table import TableBox


def place_at(box: MessageBox, x: int, y: int) -> tuple[int, int, int, int]:
    """The place in the text nearest to a point: flow, section, leaf, character."""
    shown = [(part, top, flow) for part, top, flow in box.parts() if len(flow.heights)]
    if not shown:
        return ANSWER, 0, 0, 0
    part, top, flow = next((each for each in reversed(shown) if y >= each[1]), shown[0])
    if y >= top + flow.height:
        return last_place(box, part)
    index = flow.section_at(y - top)
    found = box.section(part, index)
    if found is None or not found[0].placed:
        return part, index, 0, 0
    section, left, section_y = found
    leaf = section.at(y - section_y)
    placed = section.placed[leaf]
    inside = y - section_y - placed.y
    if y < section_y:
        return part, index, leaf, 0
    if inside >= placed.box.height:
        return part, index, leaf, len(placed.box.text)
    return part, index, leaf, placed.box.index_at(x - left - placed.x, inside)


def last_place(box: MessageBox, part: int = ANSWER) -> tuple[int, int, int, int]:
    """The end of a flow's text."""
    index = max(0, len(box.flows[part].heights) - 1)
    found = box.section(part, index)
    if found is None or not found[0].placed:
        return part, index, 0, 0
    placed = found[0].placed
    return part, index, len(placed) - 1, len(placed[-1].box.text)


def _leaf_at(box: MessageBox, y: int) -> tuple[Placed, int, int] | None:
    """The leaf at a height of the message, with the corner of its box."""
    for part, top, flow in box.parts():
        if not top <= y < top + flow.height or not len(flow.heights):
            continue
        found = box.section(part, flow.section_at(y - top))
        if found is None or not found[0].placed:
            continue
        section, left, section_y = found
        placed = section.placed[section.at(y - section_y)]
        return placed, left + placed.x, section_y + placed.y
    return None


def link_at(box: MessageBox, x: int, y: int) -> str:
    """The address under a point, if any."""
    found = _leaf_at(box, y)
    return found[0].box.link_at(x - found[1], y - found[2]) if found else ""


def code_at(box: MessageBox, y: int) -> tuple[CodeBox, int, int] | None:
    """The block of code at a height, with its corner."""
    found = _leaf_at(box, y)
    if found is None or not isinstance(found[0].box, CodeBox):
        return None
    return found[0].box, found[1], found[2]


def table_at(box: MessageBox, y: int) -> tuple[TableBox, int, int] | None:
    """The table at a height, with its corner; a piece of it, when it is long."""
    found = _leaf_at(box, y)
    if found is None or not isinstance(found[0].box, TableBox):
        return None
    return found[0].box, found[1], found[2]


def leaf_at(box: MessageBox, y: int) -> tuple[int, int, int] | None:
    """The flow, the section and the leaf at a height."""
    for part, top, flow in box.parts():
        if not top <= y < top + flow.height or not len(flow.heights):
            continue
        index = flow.section_at(y - top)
        found = box.section(part, index)
        if found is not None and found[0].placed:
            return part, index, found[0].at(y - found[2])
    return None


def wide_at(box: MessageBox, y: int) -> CodeBox | TableBox | None:
    """The code or table at a height, if it is wider than the column."""
    found = _leaf_at(box, y)
    inside = found[0].box if found else None
    wide = isinstance(inside, CodeBox | TableBox) and inside.overflow() > 0
    return inside if wide and isinstance(inside, CodeBox | TableBox) else None


def code_buttons(box: MessageBox) -> list[Button]:
    """The buttons of the code and of the tables that are laid out, in reading order."""
    found: list[Button] = []
    for part, top, flow in box.parts():
        for index, section in sorted(flow.laid(), key=lambda each: each[0]):
            left, y = box.flow_x(part), top + flow.top_of(index)
            for placed in section.placed:
                if isinstance(placed.box, CodeBox | TableBox):
                    for button in placed.box.buttons():
                        button.rect.translate(left + placed.x, y + placed.y)
                        found.append(button)
    return found
