"""Times and sizes in the words of people."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for limit, unit, name in ((3600.0, 60.0, "min"), (172_800.0, 3600.0, "h")):
        if seconds < 60:
            return f"{seconds:.0f} s"
        if seconds < limit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:.1f} days"


def file_size(count: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for limit, name in ((1e6, "kB"), (1e9, "MB")):
        if count < limit:
            return f"{count / (limit / 1e3):.0f} {name}"
    return f"{count / 1e9:.1f} GB"
