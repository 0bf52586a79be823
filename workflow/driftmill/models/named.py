"""Looking things up by name, with a hint where there is none."""

from __future__ import annotations

import difflib
from collections.abc import Mapping


def find_named[T](kind: str, kinds: str, known: Mapping[str, T], name: str) -> T:
    """Return what is called ``name``.

    Parameters
    ----------
    kind, kinds
        What one of them is called, and several, for the message.
    known
        All there are, by name.
    name
        The name.

    Raises
    ------
    KeyError
        When there is none; the message names the nearest one.
    """
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f", did you mean {near[0]!r}?" if near else "."
    raise KeyError(f"there is no {kind} {name!r}{hint} Known {kinds}: {', '.join(known)}")
