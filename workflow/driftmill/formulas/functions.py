"""The functions that a formula may call: those that make columns of columns, and no others.

A study file is data: a formula is read by its grammar, every call in it is held against the names
below before anything is evaluated, and no name reaches into a module or an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from formulae.categorical import ENCODINGS
from formulae.expr import Assign, Binary, Call, Grouping, Literal, Unary, Variable
from formulae.parser import Parser
from formulae.scanner import Scanner

#: Functions of NumPy that are no element-wise ones, and useful, with how many arguments they take
#: by place; a further one would be an array to write to.
_MORE = {"clip": 3, "where": 3} | dict.fromkeys(
    ("max", "mean", "median", "min", "round", "std", "sum", "var"), 2
)
_OF_NUMPY: Mapping[str, Any] = {
    name: getattr(np, name)
    for name in sorted(vars(np))
    if isinstance(getattr(np, name), np.ufunc) or name in _MORE
}
#: By name; those without ``np.`` are what Bambi offers.
NAMESPACE: Mapping[str, Any] = {
    "np": SimpleNamespace(**_OF_NUMPY),
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "exp": np.exp,
    "exp2": np.exp2,
    "abs": np.abs,
}
#: Of formulae and Bambi, those that stand on the right of a formula.
TRANSFORMS = (
    *("B", "C", "I", "S", "T", "binary", "bs", "center", "hsgp", "offset", "poly"),
    *("scale", "standardize"),
)
_PLAIN = (*TRANSFORMS, *ENCODINGS, *(name for name in NAMESPACE if name != "np"))
#: Greatest exponent of a number in a call; a tower of them would never be worked out.
_POWER = 100


def refused_call(formula: str) -> str | None:
    """Return what a formula does that it may not, in words.

    Parameters
    ----------
    formula
        The right-hand side of a formula.

    Returns
    -------
    str or None
        E.g. ``calls np.save``; None where all is well.

    Raises
    ------
    Exception
        Of formulae, when the formula cannot be parsed.
    """
    parser = Parser(Scanner(f"response ~ {formula}").scan())
    tree = parser.parse()
    if not parser.at_end():
        # formulae would read on without a word from here.
        return f"has {parser.peek().lexeme!r} behind its end"
    return next(_refused(tree), None)


def _refused(node: Any, called: bool = False) -> Iterator[str]:
    """Yield what is refused in a part of a formula; ``called``: within a call's arguments."""
    if isinstance(node, Call):
        yield from _refused_callee(node)
        for argument in node.args:
            yield from _refused(argument, called=True)
    elif isinstance(node, Binary):
        if called and node.operator.kind == "STAR_STAR" and not _is_small_power(node):
            yield "raises numbers to a power that is no number up to 100"
        if called and node.operator.kind == "STAR" and _has_text(node):
            yield "multiplies text"
        yield from _refused(node.left, called)
        yield from _refused(node.right, called)
    elif isinstance(node, Unary):
        yield from _refused(node.right, called)
    elif isinstance(node, Grouping):
        yield from _refused(node.expression, called)
    elif isinstance(node, Assign):
        yield from _refused(node.value, called)


def _refused_callee(call: Call) -> Iterator[str]:
    """Yield what is wrong with a call's function, or with its output."""
    callee = call.callee
    if not isinstance(callee, Variable) or callee.level is not None:
        yield "calls what is not a plain name"
        return
    name = str(callee.name.lexeme)
    module, _, function = name.partition(".")
    if name not in _PLAIN and not (module == "np" and function in _OF_NUMPY):
        yield f"calls {name}"
        return
    named = [a.name.name.lexeme for a in call.args if isinstance(a, Assign)]
    if "out" in named or len(call.args) - len(named) > _most_arguments(name):
        yield f"has {name} write its result over a column"


def _most_arguments(name: str) -> float:
    """Return how many arguments by place a function takes without one that it writes to."""
    if name in (*TRANSFORMS, *ENCODINGS):
        return np.inf
    function = name.removeprefix("np.")
    known = NAMESPACE.get(name, _OF_NUMPY.get(function))
    return known.nin if isinstance(known, np.ufunc) else _MORE[function]


def _is_small_power(node: Binary) -> bool:
    """Tell whether a power is of a column, or of a number that is quickly worked out."""
    if _has_name(node):
        return True
    base, exponent = _bare(node.left), _bare(node.right)
    numbers = isinstance(base, Literal) and isinstance(exponent, Literal)
    return numbers and isinstance(exponent.value, int | float) and exponent.value <= _POWER


def _bare(node: Any) -> Any:
    """Return a part of a call without brackets and sign."""
    while isinstance(node, Grouping | Unary):
        node = node.expression if isinstance(node, Grouping) else node.right
    return node


def _has_name(node: Any) -> bool:
    """Tell whether a part of a call depends on a column."""
    return any(not isinstance(leaf, Literal) for leaf in _leaves(node))


def _has_text(node: Any) -> bool:
    return any(isinstance(leaf, Literal) and isinstance(leaf.value, str) for leaf in _leaves(node))


def _leaves(node: Any) -> Iterator[Any]:
    """Yield the names, values and calls that operators join."""
    if isinstance(node, Binary):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    elif isinstance(node, Unary):
        yield from _leaves(node.right)
    elif isinstance(node, Grouping):
        yield from _leaves(node.expression)
    else:
        yield node
