"""What a section of the page is made of: prose, notes, figures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from driftmill.report import formatting

Kind = Literal["number", "count", "percent", "r_hat", "text", "code", "word"]

#: Lines of more characters are wrapped.
LONG = 40
#: Symbols that say what a word says, for eyes that see no colour.
SYMBOLS = {"yes": "✓", "no": "✕", "unclear": "?"}


@dataclass(frozen=True)
class Prose:
    """A paragraph; ``html`` is trusted, so user text enters by ``Markup.format`` only."""

    html: Markup
    kind: str = field(default="prose", init=False)


@dataclass(frozen=True)
class Note:
    """A remark set apart: what is missing and why, or what to be careful about."""

    html: Markup
    tone: Literal["missing", "warning"] = "missing"
    kind: str = field(default="note", init=False)


@dataclass(frozen=True)
class FigureBlock:
    """A figure, drawn only when asked for.

    Parameters
    ----------
    stem
        File name without ending; the part before the first dot says the kind.
    title
        What is shown, in a few words.
    caption
        How to read it, and what is good or bad.
    alt
        What a reader who cannot see it should know.
    draw
        Draws it, inside ``figure_style``.
    table
        The table its numbers come from, or None.
    folded
        Whether it is shown only when asked for.
    """

    stem: str
    title: str
    caption: Markup
    alt: str
    draw: Callable[[], Figure]
    table: str | None = None
    folded: bool = False
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True)
class Picture:
    """A drawing that exists already, shown as it is.

    Parameters
    ----------
    svg
        An SVG element without ids, which is trusted.
    title, caption, alt
        As for a figure.
    file
        Where it lies, relative to the page.
    """

    svg: Markup
    title: str
    caption: Markup
    alt: str
    file: str
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what is shown, what it sorts by, its CSS classes, its small print."""

    text: str
    sort: str | None
    css: str
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: the frame's column, its heading and how values are written."""

    key: str
    label: str
    kind: Kind = "number"
    help: str = ""


@dataclass(frozen=True)
class TableBlock:
    """A table of the page.

    Parameters
    ----------
    title, caption
        What it shows and how to read it.
    columns, rows
        Headings and cells.
    table
        The CSV file it comes from, or None.
    total
        Rows there are, of which ``rows`` may be the first few.
    folded
        Whether it is shown only when asked for.
    """

    title: str
    caption: Markup
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    table: str | None
    total: int
    folded: bool = False
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Definitions:
    """Names and their values, such as versions."""

    title: str
    items: tuple[tuple[str, str], ...]
    kind: str = field(default="definitions", init=False)


@dataclass(frozen=True)
class Bullets:
    """A list of short texts, such as references."""

    items: tuple[Markup, ...]
    kind: str = field(default="bullets", init=False)


@dataclass(frozen=True)
class Listing:
    """Text shown as it is, such as the study file; folded unless ``open``."""

    title: str
    text: str
    open: bool = False
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Explorer:
    """Posteriors to pick from, drawn by the page's script.

    Parameters
    ----------
    index
        JSON: the cells and fits, and which datasets of which there are.
    lines
        A line a posterior: its place in the index, a tab, and JSON of what is drawn.
    shown, planned
        Datasets that can be picked, and all there are.
    kept
        Draws of a chain that are drawn.
    """

    index: str
    lines: str
    shown: int
    planned: int
    kept: int
    kind: str = field(default="explorer", init=False)


@dataclass(frozen=True)
class Group:
    """Blocks under a heading of their own within a section."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    kind: str = field(default="group", init=False)


Block = (
    Prose
    | Note
    | FigureBlock
    | Picture
    | TableBlock
    | Definitions
    | Bullets
    | Listing
    | Explorer
    | Group
)


@dataclass(frozen=True)
class Section:
    """A section of the page: where links find it, its heading and what is in it."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


def flattened(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield all blocks in reading order, groups replaced by what is in them."""
    for block in blocks:
        if isinstance(block, Group):
            yield from flattened(block.blocks)
        else:
            yield block


def capped(drawn: Sequence[FigureBlock], limit: int) -> tuple[Block, ...]:
    """Return the first ``limit`` figures, and a note when there are more."""
    if len(drawn) <= limit:
        return tuple(drawn)
    note = Markup("{} more figures of this kind are not drawn; the tables have their numbers.")
    return (*drawn[:limit], Note(note.format(len(drawn) - limit)))


def table_block(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    title: str,
    caption: Markup,
    table: str | None,
    limit: int = 200,
    open_up_to: int = 24,
) -> TableBlock:
    """Make a table of a frame's first ``limit`` rows; columns the frame lacks are left out.

    A table of more than ``open_up_to`` rows is folded.
    """
    kept = tuple(column for column in columns if column.key in frame)
    rows = tuple(
        tuple(_cell(row[column.key], column.kind) for column in kept)
        for row in frame.head(limit).to_dict("records")
    )
    return TableBlock(title, caption, kept, rows, table, len(frame), len(frame) > open_up_to)


def word_cell(word: str, note: str = "") -> Cell:
    """Return a cell that says yes, no or unclear by word, symbol and colour."""
    symbol = SYMBOLS.get(word, "")
    css = f"word word-{word}" if symbol else "word"
    return Cell(f"{symbol} {word}".strip(), word, css, note)


def text_cell(text: str) -> Cell:
    """Return a cell of plain text."""
    longest = max((len(line) for line in text.splitlines()), default=0)
    return Cell(text, None, "text long" if longest > LONG else "text")


def number_cell(value: object, kind: Kind) -> Cell:
    """Return a cell of a number, which sorts by its exact value."""
    if kind == "r_hat":
        text = formatting.fixed(value, 3)
    else:
        text = {
            "number": formatting.number,
            "count": formatting.count,
            "percent": formatting.percent,
        }[kind](value)
    sort = "" if text == formatting.MISSING else repr(float(value))  # type: ignore[arg-type]
    return Cell(text, sort, "num")


def _cell(value: object, kind: Kind) -> Cell:
    if kind not in ("text", "code", "word"):
        return number_cell(value, kind)
    text = formatting.MISSING if pd.isna(value) else str(value)  # type: ignore[call-overload]
    if kind == "word":
        return word_cell(text)
    return Cell(text, None, kind) if kind == "code" else text_cell(text)
