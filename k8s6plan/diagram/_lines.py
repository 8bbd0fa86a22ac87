"""Lines between boxes: how they run, and where on them a number or a text finds room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from k8s6plan.designs import UNDERLAY
from k8s6plan.designs._links import LINK_KINDS, LinkKind
from k8s6plan.diagram._parts import Box, Curve, Label, Line, Point, Underlay, VertexBox
from k8s6plan.diagram._text import width_of

if TYPE_CHECKING:
    import networkx as nx

Ends = tuple[str, str]  # the names of the two ends of a link, in order

# Inches, and points for text.
_SHALLOWEST, _DEEPEST_SHARE = 0.3, 0.65  # how far an arc's controls lie from the column
_DEEPER, _MOST_BOWS = 0.2, 6  # an arc bows out so much further at a time for its text, so often
_LABEL_PT, _LABEL_HEIGHT, _LABEL_PAD = 7.5, 0.14, 0.07
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


def with_texts(
    lines: Sequence[Line], texts: Mapping[int, str], space: Box, taken: Iterable[Box] = ()
) -> tuple[list[Line], int]:
    """Return ``lines`` with ``texts`` (by index) on them, and how many texts found no room.

    No text overlaps another, nor a box of ``taken``. Lines with most links choose first. An arc on
    which a text finds no room bows out further until it does.
    """
    placed = list(taken)
    done = list(lines)
    lost = 0
    for index in sorted(texts, key=lambda at: (-lines[at].links, at)):
        width = width_of(texts[index], _LABEL_PT) + 2 * _LABEL_PAD
        for curve, share in product(_bows(lines[index].curve), _TRIED):
            x, y = point_on(curve, share)
            room = Box(x - width / 2, y - _LABEL_HEIGHT / 2, width, _LABEL_HEIGHT)
            if space.holds(room) and not any(room.overlaps(other) for other in placed):
                placed.append(room)
                label = Label(texts[index], room, _LABEL_PT, "center", plate=True)
                done[index] = replace(done[index], curve=curve, label=label)
                break
        else:
            lost += 1
    return done, lost
