"""Lines between boxes: how they run, and where on them a number or a text finds room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._parts import Box, Curve, Label, Line, Point, Underlay, VertexBox
from k8s6plan.views.diagram._text import widest

if TYPE_CHECKING:
    import networkx as nx

# A line of a picture: the names of its two ends, in order, and the kind of its links.
LineKey = tuple[str, str, LinkKind]

# Inches, and points for text.
_SHALLOWEST, _DEEPEST_SHARE = 0.3, 0.65  # how far an arc's controls lie from the column
_DEEPER, _MOST_BOWS = 0.2, 6  # an arc bows out so much further at a time for its text, so often
_LABEL_PT, _LABEL_ROW, _LABEL_PAD_HEIGHT, _LABEL_PAD = 7.5, 0.125, 0.015, 0.05
_SQUARE, _SAMPLES = 0.08, 96  # how finely it is told where lines run
_LARGE_SQUARE = 0.6
_FULL = 40  # so many texts in a row without room: there is none left
_SPREAD, _APART = 0.8, 0.09  # lines leave a group's box on so much of its edge, so far apart
# Where a text is tried on its line, in parts of the curve: the middle first, then outwards.
_TRIED = tuple(0.5 + sign * step / 50 for step in range(21) for sign in (1, -1))


Link = tuple[LinkKind, str, str, int, int]  # kind, ends, links, tunnels


def lines_of(
    graph: nx.Graph[str], vertices: Iterable[VertexBox], underlay: Underlay | None, space: Box
) -> Iterator[Line]:
    """Yield the links of ``graph``: by kind, then by the names of their ends."""
    placed = {vertex.name: vertex for vertex in vertices}
    links = sorted(_links(graph), key=_by_kind)
    ports = _spread(links, placed)
    for at, (kind, one, other, many, tunnels) in enumerate(links):
        if underlay and UNDERLAY in (one, other):
            vertex = placed[one if other == UNDERLAY else other]
            yield Line(vertex.name, UNDERLAY, kind, tunnels, _to(underlay, vertex), many)
        else:
            first = ports.get((at, one), placed[one].port)
            second = ports.get((at, other), placed[other].port)
            curve = _between(first, second, space)
            yield Line(one, other, kind, tunnels, curve, many)


def _links(graph: nx.Graph[str]) -> Iterator[Link]:
    for first, second, data in graph.edges(data=True):
        one, other = sorted((first, second))
        if "bundle" not in data:
            yield data["kind"], one, other, 1, data["tunnels"]
            continue
        for kind, (links, tunnels) in data["bundle"].items():
            yield kind, one, other, links, tunnels


def _spread(links: Sequence[Link], placed: Mapping[str, VertexBox]) -> dict[tuple[int, str], Point]:
    """Return where the lines of each group leave its box: side by side, so that few cross.

    From the top down: arcs upwards, the nearest first; lines to the other column; arcs downwards.
    """
    found: dict[tuple[int, str], Point] = {}
    leaving: dict[str, list[tuple[int, float, int]]] = {}
    for at, (_, one, other, _, _) in enumerate(links):
        for here, there in ((one, other), (other, one)):
            if UNDERLAY in (here, there) or placed[here].kind != "group":
                continue
            (x0, y0), (x1, y1) = placed[here].port, placed[there].port
            order = (1, y1) if x0 != x1 else (0, y0 - y1) if y1 < y0 else (2, y0 - y1)
            leaving.setdefault(here, []).append((*order, at))
    for here, lines in leaving.items():
        x, y = placed[here].port
        span = min(_SPREAD * placed[here].box.height, len(lines) * _APART)
        for nth, (_, _, at) in enumerate(sorted(lines)):
            found[at, here] = (x, y + span * ((nth + 0.5) / len(lines) - 0.5))
    return found


def _by_kind(link: Link) -> tuple[int, str, str]:
    return LINK_KINDS.index(link[0]), link[1], link[2]


def _between(one: Point, other: Point, space: Box) -> Curve:
    """Return the curve between two ports: an S across the open space, or an arc beside a column.

    An arc is the deeper the further it reaches, so that the arcs of a column nest.
    """
    (x0, y0), (x1, y1) = one, other
    if x0 != x1:
        middle = (x0 + x1) / 2
        return (x0, y0), (middle, y0), (middle, y1), (x1, y1)
    share = (abs(y1 - y0) / space.height) ** 0.8
    depth = _SHALLOWEST + share * (_DEEPEST_SHARE * space.width - _SHALLOWEST)
    x = x0 + (depth if x0 < space.middle[0] else -depth)
    return (x0, y0), (x, y0), (x, y1), (x1, y1)


def _to(underlay: Underlay, vertex: VertexBox) -> Curve:
    x, y = vertex.port
    edge = underlay.box.left if x < underlay.box.left else underlay.box.right
    third = (edge - x) / 3
    return (x, y), (x + third, y), (edge - third, y), (edge, y)


def point_on(curve: Curve, share: float) -> Point:
    """Return the point of ``curve`` at ``share`` (0 to 1), by Bernstein's form."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def _bows(curve: Curve) -> Iterator[Curve]:
    """Yield ``curve``, and an arc beside a column also as deeper arcs, where a text finds room."""
    yield curve
    one, (x, y0), (_, y1), other = curve
    if one[0] == other[0]:
        out = _DEEPER if x > one[0] else -_DEEPER
        for step in range(1, _MOST_BOWS + 1):
            yield one, (x + step * out, y0), (x + step * out, y1), other


class _Crowd:
    """Where lines run, in squares: so many of them would lie under a text."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._held: dict[tuple[int, int], set[int]] = {}
        for at, line in enumerate(lines):
            if line.state != "pale":  # which a text may hide
                self.add(at, line.curve)

    def add(self, at: int, curve: Curve) -> None:
        """Note that the line ``at`` runs along ``curve``."""
        for step in range(_SAMPLES + 1):
            x, y = point_on(curve, step / _SAMPLES)
            self._held.setdefault((int(x / _SQUARE), int(y / _SQUARE)), set()).add(at)

    def under(self, room: Box) -> int:
        """Return how many lines run through ``room``."""
        nobody: set[int] = set()
        squares = _squares(room, _SQUARE)
        return len(nobody.union(*(self._held.get(square, nobody) for square in squares)))


class _Taken:
    """Boxes that no text may cover, by the large squares that they touch."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._held: dict[tuple[int, int], list[Box]] = {}
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        """Take a box."""
        for square in _squares(box, _LARGE_SQUARE):
            self._held.setdefault(square, []).append(box)

    def overlaps(self, room: Box) -> bool:
        """Say whether a box lies in the way of ``room``."""
        found = (self._held.get(square, ()) for square in _squares(room, _LARGE_SQUARE))
        return any(room.overlaps(box) for boxes in found for box in boxes)


def _squares(box: Box, side: float) -> Iterator[tuple[int, int]]:
    rows = range(int(box.top / side), int(box.bottom / side) + 1)
    return product(range(int(box.left / side), int(box.right / side) + 1), rows)


def size_of(text: str) -> tuple[float, float]:
    """Return the width and the height of the room of a text on a line."""
    rows = text.split("\n")
    return widest(rows, _LABEL_PT) + 2 * _LABEL_PAD, _LABEL_PAD_HEIGHT + len(rows) * _LABEL_ROW


def with_texts(
    lines: Sequence[Line],
    texts: Mapping[int, Sequence[str]],
    space: Box,
    taken: Iterable[Box] = (),
    *,
    rank: Mapping[int, int] | None = None,
    beside: float = 0.0,
    most_under: int | None = None,
) -> tuple[list[Line], int]:
    """Return ``lines`` with ``texts`` on them, and how many texts found no room.

    1. No text overlaps another, nor a box of ``taken``. All lie in ``space``, or where that is full
       a little ``beside`` it.
    2. Lines that are highlighted choose first, then those of least ``rank``, then those with most
       links.
    3. A text lies where fewest other lines run under it, so that it is plain whose it is; of such
       places in that nearest to the middle of its line. Where more than ``most_under`` lines would
       run under it, a line that is not highlighted goes without.
    4. An arc on which a text finds no room bows out further until it does.

    Args:
        lines: all lines of a picture.
        texts: by the index of a line, its text, and shorter ones should there be no room for it.
        space: where texts belong.
        taken: what they must not cover.
        rank: by the index of a line.
        beside: inches on the left and the right of ``space``.
        most_under: lines, the text's own included; None: as many as there are.

    """
    if not texts:
        return list(lines), 0
    rank = rank or {}
    crowd = _Crowd(lines)
    wide = Box(space.left - beside, space.top, space.width + 2 * beside, space.height)
    placed = _Taken(taken)
    done = list(lines)
    lost = in_a_row = 0

    def order(at: int) -> tuple[bool, int, int, int]:
        return lines[at].state != "strong", rank.get(at, 0), -lines[at].links, at

    for index in sorted(texts, key=order):
        for text in texts[index] if in_a_row < _FULL else ():
            size, curve = size_of(text), lines[index].curve
            most = None if lines[index].state == "strong" else most_under
            found = _best(curve, size, (space, wide), placed, crowd, most)
            if found is not None:
                break
        else:
            lost, in_a_row = lost + 1, in_a_row + 1
            continue
        in_a_row = 0
        curve, room = found
        placed.add(room)
        if curve != lines[index].curve:
            crowd.add(index, curve)
        lost += text != texts[index][0]
        label = Label(text, room, _LABEL_PT, "center", plate=True)
        done[index] = replace(done[index], curve=curve, label=label)
    return done, lost


def _best(
    line: Curve,
    size: tuple[float, float],
    spaces: Sequence[Box],
    placed: _Taken,
    crowd: _Crowd,
    most_under: int | None,
) -> tuple[Curve, Box] | None:
    """Return where on ``line`` a text of this size lies best, and the line as it runs then."""
    width, height = size
    for space, curve in product(spaces, _bows(line)):
        best: tuple[int, Box] | None = None
        for share in _TRIED:
            x, y = point_on(curve, share)
            room = Box(x - width / 2, y - height / 2, width, height)
            if not space.holds(room) or placed.overlaps(room):
                continue
            under = crowd.under(room)
            if most_under is not None and under > most_under:
                continue
            if best is None or under < best[0]:
                best = under, room
            if under <= 1:  # its own line
                break
        if best is not None:
            return curve, best[1]
    return None
