"""Tables of the page as LaTeX, for ``booktabs`` and, where long, ``longtable``."""

from __future__ import annotations

import re

from markupsafe import Markup

from driftmill.report.blocks import Cell, TableBlock
from driftmill.report.formatting import MISSING

#: Tables of more rows break over pages.
LONG_TABLE = 40
#: Letters of a line that is broken, and the column it stands in.
LONG_LINE, LONG_COLUMN = 60, r"p{0.45\linewidth}"
_NUMBERS = ("number", "count", "percent", "r_hat")
_SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "−": "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    "²": r"$^{2}$",
    "·": r"$\cdot$",
    "α": r"$\alpha$",
    "Δ": r"$\Delta$",
    "✓ ": "",
    "✕ ": "",
    MISSING: "--",
    "\u202f": r"\,",
    "\xa0": "~",
}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))
_POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def escaped(text: str) -> str:
    """Return text as LaTeX shows it."""
    whole = _SIGN.sub(lambda found: _SIGNS[found[0]], text)
    return _POWER.sub(lambda m: f"10$^{{{m[1].translate(_POWERS)}}}$", whole).strip()


def latex_table(block: TableBlock, label: str) -> str:
    r"""Write a table of the page with its caption.

    Parameters
    ----------
    block
        The table as the page shows it.
    label
        What ``\ref`` finds it by.

    Returns
    -------
    str
        A ``table`` with ``booktabs`` rules, or a ``longtable`` where it has many rows.
    """
    columns = _columns(block)
    heads = " & ".join(escaped(column.label) for column in block.columns) + r" \\"
    rows = [" & ".join(map(_cell, row)) + r" \\" for row in block.rows]
    stop = "" if block.title.endswith("?") else "."
    text = f"{block.title}{stop} {Markup(block.caption).striptags()}"
    if block.total > len(block.rows):
        text += f" The first {len(block.rows)} of {block.total} rows."
    caption = rf"\caption{{{escaped(text)}}}"
    label = rf"\label{{tab:{label}}}"
    if len(rows) > LONG_TABLE:
        head = [r"\toprule", heads, r"\midrule"]
        lines = [
            *(rf"\begin{{longtable}}{{{columns}}}", rf"{caption} {label} \\"),
            *(*head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endlastfoot"),
            *(*rows, r"\end{longtable}"),
        ]
    else:
        lines = [
            *(r"\begin{table}", r"\centering", caption, label),
            *(rf"\begin{{tabular}}{{{columns}}}", r"\toprule", heads, r"\midrule"),
            *(*rows, r"\bottomrule", r"\end{tabular}", r"\end{table}"),
        ]
    return "% Needs \\usepackage{booktabs,longtable}\n" + "\n".join(lines) + "\n"


def _columns(block: TableBlock) -> str:
    """Return the alignment of every column; one that has long lines is set in a box."""
    found = ""
    for place, column in enumerate(block.columns):
        longest = max((len(line) for row in block.rows for line in _lines(row[place])), default=0)
        plain = "r" if column.kind in _NUMBERS else "l"
        found += LONG_COLUMN if longest > LONG_LINE else plain
    return found


def _lines(cell: Cell) -> list[str]:
    """Return what a cell says, without the sign before a word, and its small print."""
    said = cell.sort if cell.css.startswith("word") and cell.sort else cell.text
    return [*said.splitlines(), *([cell.note] if cell.note else [])]


def _cell(cell: Cell) -> str:
    lines = [escaped(line) for line in _lines(cell)]
    if len(lines) < 2:
        return "".join(lines)
    return rf"\shortstack[l]{{{r' \\{} '.join(lines)}}}"
