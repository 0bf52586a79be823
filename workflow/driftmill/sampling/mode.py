"""The posterior's mode and the curvature there: where chains start and their first metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from driftmill.models.declaration import FloatArray
from driftmill.sampling.centring import Centring, to_position

ValueAndGradient = Callable[[FloatArray], tuple[float, FloatArray]]

#: Step of the central differences of the gradient, on the unconstrained scale.
DIFFERENCE = 1e-4
#: Curvatures below this are taken as this: a direction the data say nothing of
#: is then no wider than ten units of the unconstrained scale.
LEAST_CURVATURE = 1e-2
#: Standard deviation that is taken for coordinates held in the search.
HELD_SCALE = 0.5


@dataclass(frozen=True)
class Mode:
    """The mode of a posterior and a square root of its covariance there.

    Parameters
    ----------
    position
        Shape (d,), unconstrained scale.
    scale
        Shape (d, d): ``position + scale @ z`` with standard normal z is the
        Laplace approximation.
    centring
        The coordinates in which that holds, where they are not the position itself.
    """

    position: FloatArray
    scale: FloatArray
    centring: Centring | None = None

    @property
    def arrays(self) -> tuple[Any, ...]:
        """Position, scale and centring as a compiled program takes them."""
        centring = () if self.centring is None else self.centring.arrays
        return jnp.asarray(self.position), jnp.asarray(self.scale), centring

    def positions(self, z: FloatArray) -> FloatArray:
        """Return positions (..., d) of whitened coordinates (..., d)."""
        coordinates = self.position + z @ self.scale.T
        return coordinates if self.centring is None else self.centring.to_position(coordinates)

    def whitened(self, position: FloatArray) -> FloatArray:
        """Return the whitened coordinates of a position, shape (d,) both."""
        centring = self.centring
        coordinates = position if centring is None else centring.from_position(position)
        return np.linalg.solve(self.scale, coordinates - self.position)

    def less_centred(self, factor: float) -> Mode:
        """Return the same centre in coordinates nearer to non-centred ones."""
        if self.centring is None:
            return self
        return replace(self, centring=self.centring.weakened(factor))


def position_of(z: Any, mode: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return the position of whitened coordinates and the log of the Jacobian, in JAX.

    Parameters
    ----------
    z
        Shape (d,).
    mode
        ``Mode.arrays``.
    """
    centre, scale, centring = mode
    return to_position(centre + scale @ z, centring)


def hessian(gradient: Callable[[FloatArray], FloatArray], position: FloatArray) -> FloatArray:
    """Symmetric Hessian by central differences of the gradient, shape (d, d)."""
    steps = DIFFERENCE * np.eye(position.size)
    rows = [
        (gradient(position + step) - gradient(position - step)) / (2 * DIFFERENCE) for step in steps
    ]
    matrix = np.array(rows)
    return 0.5 * (matrix + matrix.T)


def find_mode(
    potential: ValueAndGradient, start: FloatArray, held: NDArray[np.bool_] | None = None
) -> Mode:
    """Minimise the negative log density by a trust-region Newton method.

    Parameters
    ----------
    potential
        Negative log density and its gradient.
    start
        Where the density is not zero.
    held
        Coordinates that stay as they are, shape (d,); their part of the scale is diagonal.

    Returns
    -------
    Mode
        Its values are finite wherever the potential was finite at ``start``: a step to a
        point of zero density is refused by the trust region and the region shrinks.
    """
    moving = np.ones(start.size, dtype=bool) if held is None else ~held

    def whole(x: FloatArray) -> FloatArray:
        position = start.copy()
        position[moving] = x
        return position

    def value(x: FloatArray) -> float:
        energy = potential(whole(x))[0]
        return energy if np.isfinite(energy) else np.inf

    def gradient(x: FloatArray) -> FloatArray:
        return np.asarray(potential(whole(x))[1])[moving]

    def curvature(x: FloatArray) -> FloatArray:
        matrix = hessian(gradient, x)
        return matrix if np.all(np.isfinite(matrix)) else np.eye(x.size)

    with np.errstate(invalid="ignore"):
        found = minimize(
            value,
            start[moving],
            jac=gradient,
            hess=curvature,
            method="trust-exact",
            options={"gtol": 1e-4, "maxiter": 100, "initial_trust_radius": 0.5},
        )
    eigenvalues, vectors = np.linalg.eigh(curvature(found.x))
    scale = HELD_SCALE * np.eye(start.size)
    scale[np.ix_(moving, moving)] = vectors / np.sqrt(np.maximum(eigenvalues, LEAST_CURVATURE))
    return Mode(whole(found.x), scale)
