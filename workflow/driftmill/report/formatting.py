"""Numbers as the page shows them: three significant digits, a true minus, a dash for none."""

from __future__ import annotations

import math

MISSING = "–"


def number(value: object, digits: int = 3) -> str:
    """Write a number with ``digits`` significant digits, at least all those before the point."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = _plain(value)
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    # Rounded first: .9996 is 1.00, not 1.000.
    value = float(f"{value:.{digits - 1}e}") if abs(value) < 10**digits else value
    exponent = math.floor(math.log10(abs(value)))
    if exponent < -4:
        mantissa = value / 10.0**exponent
        return f"{mantissa:.{digits - 1}f} × 10{_superscript(exponent)}".replace("-", "−")
    decimals = max(digits - 1 - exponent, 0)
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace("-", "−")


def count(value: object) -> str:
    """Write a count, thousands apart."""
    plain = _plain(value)
    if plain is None or math.isnan(plain):
        return MISSING
    return f"{round(plain):,}".replace(",", "\u202f").replace("-", "−")


def percent(value: object) -> str:
    """Write a proportion in percent."""
    plain = _plain(value)
    if plain is None or math.isnan(plain):
        return MISSING
    return f"{100 * plain:.0f}\u202f%".replace("-", "−")


def percent_interval(lower: object, upper: object) -> str:
    """Write the ends of a proportion's interval, in percent: ``[39, 88]``."""
    ends = [percent(end).removesuffix("\u202f%") for end in (lower, upper)]
    return f"[{ends[0]}, {ends[1]}]"


def fixed(value: object, decimals: int) -> str:
    """Write a number with ``decimals`` decimals, as for r_hat."""
    plain = _plain(value)
    if plain is None or not math.isfinite(plain):
        return MISSING
    return f"{plain:.{decimals}f}".replace("-", "−")


def duration(seconds: object) -> str:
    """Write a time span in its two largest units."""
    plain = _plain(seconds)
    if plain is None or math.isnan(plain):
        return MISSING
    if plain < 60:
        return f"{number(plain)} s"
    minutes = round(plain / 60)
    if minutes < 60:
        return f"{int(plain // 60)} min {int(plain % 60)} s"
    return f"{count(minutes // 60)} h {minutes % 60} min"


def plural(amount: int, noun: str) -> str:
    """Write a count with its noun: ``1 dataset``, ``12 datasets``."""
    ending = "" if amount == 1 else "s"
    return f"{count(amount)} {noun}{ending}"


def listed(words: list[str]) -> str:
    """Join words as a sentence does: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _plain(value: object) -> float | None:
    try:
        return None if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
