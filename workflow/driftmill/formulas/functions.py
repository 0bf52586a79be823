"""The functions that a formula may call, besides those of formulae (``bs``, ``scale``, ``C``, ...).

A study file is data: what it calls by ``np.`` is arithmetic on columns, never a function that
reads or writes files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

#: Functions of NumPy that are no element-wise ones, and useful.
_MORE = ("clip", "max", "mean", "median", "min", "round", "std", "sum", "var", "where")
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
_DOTTED = re.compile(r"([A-Za-z_]\w*(?:\s*\.\s*\w+)+)\s*\(")


def refused_call(formula: str) -> str | None:
    """Return the first function of a formula that it may not call, by its name with a dot.

    Parameters
    ----------
    formula
        The right-hand side of a formula.
    """
    for found in _DOTTED.findall(formula):
        module, *rest = (part.strip() for part in found.split("."))
        if module != "np" or len(rest) != 1 or rest[0] not in _OF_NUMPY:
            return str(found)
    return None
