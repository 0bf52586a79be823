"""A parameter above an end as the softplus of a coordinate."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pymc.logprob.transforms import Transform


class Softplus(Transform):  # type: ignore[misc]
    """Sample x on the whole line where the parameter is ``lower + log(1 + exp(x))``.

    For a parameter that may be near zero and that trades off linearly with others, as an sd
    over trials does with the mean. On the logarithmic scale that ridge bends, and towards
    zero it runs on flat; here it is straight above one and falls off below.
    """

    name = "softplus"
    ndim_supp = 0

    def __init__(self, lower: float = 0.0) -> None:
        self.lower = lower

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Return the coordinate of a value: of y above the end, x = y + log(1 - exp(-y))."""
        above = value - self.lower
        return above + pt.log(-pt.expm1(-above))

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Return the parameter at a coordinate."""
        return self.lower + pt.softplus(value)

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return log d softplus(x) / dx = -log(1 + exp(-x))."""
        return -pt.softplus(-value)
