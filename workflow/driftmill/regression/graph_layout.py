"""Where the nodes of a layered graph go: from left to right, plates as boxes.

Plates follow each other in bands, by who depends on whom; within a band nodes stand in columns.
An edge that passes over columns keeps a lane free in each (Sugiyama, Tagawa and Toda 1981),
and nodes are sorted by the mean place of their neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Space between columns, between the nodes of a column, and around the nodes of a plate.
COLUMN_GAP, ROW_GAP, PADDING = 46.0, 14.0, 14.0
#: Space around the graph, which a plate's border may take but for a hair.
MARGIN = PADDING + 2.0
#: Space for a plate's label, height of a free lane, rounds of sorting.
LABEL, LANE, ROUNDS = 18.0, 4.0, 12


@dataclass(frozen=True)
class Box:
    """A rectangle by its middle and size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Where everything is: nodes and plates as boxes, edges as the points they pass."""

    nodes: Mapping[str, Box]
    plates: Mapping[Hashable, Box]
    edges: Mapping[tuple[str, str], Sequence[tuple[float, float]]]
    width: float
    height: float


def longest_paths(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the length of the longest path that leads to each node; cycles are cut."""
    ranks = dict.fromkeys(nodes, 0)
    known = [(a, b) for a, b in edges if a != b]
    for _ in nodes:
        for first, second in known:
            ranks[second] = min(max(ranks[second], ranks[first] + 1), len(nodes))
    return ranks


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    plates: Mapping[str, Hashable],
    edges: Sequence[tuple[str, str]],
) -> Layout:
    """Place the nodes of a graph.

    Parameters
    ----------
    sizes
        Width and height of every node.
    plates
        The plate of every node; falsy for none.
    edges
        From parent to child.
    """
    columns = _columns(list(sizes), plates, edges)
    chains = {edge: _chain(edge, columns) for edge in edges}
    lanes = [lane for chain in chains.values() for lane in chain[1:-1]]
    place = columns | {lane: int(lane.rpartition("\0")[2]) for lane in lanes}
    heights = {name: sizes[name][1] if name in sizes else LANE for name in place}
    middles = _rows(place, heights, plates, list(chains.values()))
    middles = _from_the_top(_apart(middles, place, heights, plates), heights)
    widths = [
        max((sizes[n][0] for n in sizes if columns[n] == k), default=0.0)
        for k in range(max(place.values()) + 1)
    ]
    starts = [MARGIN + sum(widths[:k]) + COLUMN_GAP * k for k in range(len(widths))]
    at = {name: (starts[k] + widths[k] / 2, middles[name]) for name, k in place.items()}
    nodes = {name: Box(*at[name], *sizes[name]) for name in sizes}
    boxes = {
        plate: _around([nodes[n] for n in sizes if plates[n] == plate])
        for plate in dict.fromkeys(plates[n] for n in sizes)
        if plate
    }
    routes = {}
    for (first, second), chain in chains.items():
        inner = [
            (at[lane][0] + side * widths[place[lane]] / 2, at[lane][1])
            for lane in chain[1:-1]
            for side in (-1, 1)
        ]
        left, right = nodes[first], nodes[second]
        ends = (left.x + left.width / 2, left.y), (right.x - right.width / 2, right.y)
        routes[first, second] = [ends[0], *inner, ends[1]]
    bottom = max(box.y + box.height / 2 for box in [*nodes.values(), *boxes.values()])
    lowest = max(middles.values(), default=0.0)
    return Layout(
        nodes, boxes, routes, starts[-1] + widths[-1] + MARGIN, max(bottom, lowest) + MARGIN / 8
    )


def _apart(
    middles: Mapping[str, float],
    place: Mapping[str, int],
    heights: Mapping[str, float],
    plates: Mapping[str, Hashable],
) -> dict[str, float]:
    """Move plates that share columns down until none reaches into another."""
    moved = dict(middles)
    members: dict[Hashable, list[str]] = {}
    for name in place:
        if name in plates:
            members.setdefault(plates[name], []).append(name)
    done: list[tuple[set[int], float]] = []
    for found in sorted(members.values(), key=lambda names: min(middles[n] for n in names)):
        columns = {place[name] for name in found}
        columns = set(range(min(columns), max(columns) + 1))
        top = min(moved[name] - heights[name] / 2 for name in found) - PADDING
        above = max((end for others, end in done if others & columns), default=top)
        if above > top:
            below = [n for n in place if place[n] in columns and moved[n] > top]
            for name in below:
                moved[name] += above - top
        end = max(moved[name] + heights[name] / 2 for name in found) + PADDING + LABEL
        done.append((columns, end))
    return moved


def _from_the_top(middles: Mapping[str, float], heights: Mapping[str, float]) -> dict[str, float]:
    """Move everything up until the highest plate could begin at the upper edge."""
    top = min(middle - heights[name] / 2 for name, middle in middles.items())
    return {name: middle - top + MARGIN for name, middle in middles.items()}


def _columns(
    names: list[str], plates: Mapping[str, Hashable], edges: Sequence[tuple[str, str]]
) -> dict[str, int]:
    """Return each node's column: bands of plates, and as late within its plate as can be."""
    order = {plate: str(k) for k, plate in enumerate(dict.fromkeys(plates[n] for n in names))}
    among = [(order[plates[a]], order[plates[b]]) for a, b in edges]
    bands = longest_paths(list(order.values()), among)
    within = [(b, a) for a, b in edges if plates[a] == plates[b]]
    after = longest_paths(names, within)
    widest: dict[int, int] = {}
    for name in names:
        band = bands[order[plates[name]]]
        widest[band] = max(widest.get(band, 0), after[name] + 1)
    ends, end = {}, 0
    for band in sorted(widest):
        end += widest[band]
        ends[band] = end
    return {name: ends[bands[order[plates[name]]]] - 1 - after[name] for name in names}


def _chain(edge: tuple[str, str], columns: Mapping[str, int]) -> list[str]:
    """Return an edge as a chain from column to column, through lanes of its own."""
    first, second = edge
    between = range(columns[first] + 1, columns[second])
    return [first, *(f"{first}\0{second}\0{k}" for k in between), second]


def _rows(
    place: Mapping[str, int],
    heights: Mapping[str, float],
    plates: Mapping[str, Hashable],
    chains: Sequence[Sequence[str]],
) -> dict[str, float]:
    """Return the middle of every node and lane from the top, after sorting by neighbours."""
    near: dict[str, list[str]] = {name: [] for name in place}
    for chain in chains:
        for first, second in itertools.pairwise(chain):
            near[first].append(second)
            near[second].append(first)
    stacks = [[n for n in place if place[n] == k] for k in range(max(place.values()) + 1)]
    middles = _stack(stacks, heights, plates)
    for turn in range(ROUNDS):
        towards = 1 if turn % 2 == 0 else -1
        centres = _centres(middles, plates)
        for stack in stacks[::towards]:
            wanted = {
                name: _mean_place(name, near[name], middles, place, towards) for name in stack
            }
            blocks = {name: _block(name, stack, plates, centres, wanted[name]) for name in stack}
            stack.sort(key=lambda name: (blocks[name], wanted[name], name))
            middles = _stack(stacks, heights, plates)
    return middles


def _mean_place(
    name: str,
    near: Sequence[str],
    middles: Mapping[str, float],
    place: Mapping[str, int],
    towards: int,
) -> float:
    """Return the mean place of the neighbours in the columns that are already sorted."""
    known = [middles[other] for other in near if (place[name] - place[other]) * towards > 0]
    return sum(known) / len(known) if known else middles[name]


def _centres(
    middles: Mapping[str, float], plates: Mapping[str, Hashable]
) -> list[tuple[Hashable, float]]:
    """Return plates and the mean places of their nodes, in the order that all columns keep."""
    members: dict[Hashable, list[float]] = {}
    for name, plate in plates.items():
        members.setdefault(plate, []).append(middles[name])
    centres = {plate: sum(found) / len(found) for plate, found in members.items()}
    return sorted(centres.items(), key=lambda item: item[1])


def _block(
    name: str,
    stack: Sequence[str],
    plates: Mapping[str, Hashable],
    centres: Sequence[tuple[Hashable, float]],
    wanted: float,
) -> int:
    """Return the rank of a node's plate; a lane goes with the nearest plate of its column."""
    here = {plates[name]} if name in plates else {plates[n] for n in stack if n in plates}
    far = {k: abs(c - wanted) for k, (plate, c) in enumerate(centres) if plate in here}
    return min(far, key=lambda k: far[k], default=0)


def _stack(
    stacks: Sequence[Sequence[str]],
    heights: Mapping[str, float],
    plates: Mapping[str, Hashable],
) -> dict[str, float]:
    """Put the nodes of every column one below the other, columns centred on a line."""
    tops: list[dict[str, float]] = []
    depths = []
    for stack in stacks:
        depth, middles, last = 0.0, {}, None
        for name in stack:
            plate = plates.get(name, last)
            if plate != last:
                # Room for the end of one plate and the start of the next.
                depth += 2 * PADDING + LABEL
            middles[name] = depth + heights[name] / 2
            depth += heights[name] + ROW_GAP
            last = plate
        tops.append(middles)
        depths.append(depth)
    highest = max(depths)
    return {
        name: (highest - depth) / 2 + middle
        for middles, depth in zip(tops, depths, strict=True)
        for name, middle in middles.items()
    }


def _around(boxes: Sequence[Box]) -> Box:
    """Return the box around some boxes, with room for a label below."""
    left = min(box.x - box.width / 2 for box in boxes) - PADDING
    right = max(box.x + box.width / 2 for box in boxes) + PADDING
    top = min(box.y - box.height / 2 for box in boxes) - PADDING
    bottom = max(box.y + box.height / 2 for box in boxes) + PADDING / 2 + LABEL
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
