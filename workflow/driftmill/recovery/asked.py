"""A published number, and which number of a posterior stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What of a posterior stands beside a published number; ``elpd_diff`` is of two posteriors.
Statistic = Literal["mean", "sd", "p_positive", "p_negative", "elpd_diff"]


@dataclass(frozen=True)
class Asked:
    """One published number, and which number of ours stands beside it.

    Parameters
    ----------
    label
        What it is, in the user's words.
    statistic
        What of the posterior is meant.
    published
        The published number.
    of
        Name of a number of the posterior: ``a``, ``v_x``, ``v_c[b]``, ``a (participant)``, or
        of the fit that is subtracted where the statistic is ``elpd_diff``.
    minus
        Name of another one that is subtracted.
    participant
        Whose, for numbers that participants have of their own; None: their mean.
    natural
        Whether intercepts go through the inverse link first.
    scale
        By what ours is multiplied.
    published_sd
        The published number's posterior standard deviation.
    source, note
        Where it was published; what explains a difference.
    """

    label: str
    statistic: Statistic
    published: float
    of: str
    minus: str | None = None
    participant: str | None = None
    natural: bool = False
    scale: float = 1.0
    published_sd: float | None = None
    source: str = ""
    note: str = ""

    @property
    def quantity(self) -> str:
        """What ours is, in words."""
        parts = [name for name in (self.of, self.minus) if name is not None]
        if self.statistic == "elpd_diff":
            parts = ["elpd", f"elpd of {self.of}"]
        elif self.natural:
            parts = [f"inverse link({name})" for name in parts]
        text = " − ".join(parts)
        if self.scale != 1.0:
            text = f"{self.scale:g} × {f'({text})' if len(parts) > 1 else text}"
        return text if self.participant is None else f"{text}, participant {self.participant}"
