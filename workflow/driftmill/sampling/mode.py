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
#: Norm of the gradient at the mode; posteriors are some hundredths wide at least.
TOLERANCE = 1e-4
#: Length of the first step at most, for ten coordinates or fewer.
RADIUS = 0.5
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


def hessian(
    gradient: Callable[[FloatArray], FloatArray],
    position: FloatArray,
    members: NDArray[np.int64] | None = None,
) -> FloatArray:
    """Symmetric Hessian by central differences of the gradient, shape (d, d).

    Parameters
    ----------
    gradient
        The gradient at a position.
    position
        Shape (d,).
    members
        Shape (d,): the group that each coordinate belongs to, -1 where to none. Coordinates of
        different groups have no curvature between them, so that one step moves one coordinate
        of every group at once (Curtis, Powell & Reid 1974, J. Inst. Math. Appl. 13, 117-119).
    """
    d = position.size
    owner = np.full(d, -1) if members is None else members
    matrix = np.zeros((d, d))
    for together in _steps(owner):
        step = np.zeros(d)
        step[together] = DIFFERENCE
        change = (gradient(position + step) - gradient(position - step)) / (2 * DIFFERENCE)
        if owner[together[0]] < 0:
            matrix[:, together[0]] = matrix[together[0]] = change
            continue
        for column in together:
            rows = owner == owner[column]
            matrix[rows, column] = change[rows]
    # A shared coordinate's column holds all of its curvature; among themselves both do.
    return 0.5 * (matrix + matrix.T)


def _steps(owner: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return coordinates that are moved at once: one of each group, then those of none alone."""
    groups = [np.flatnonzero(owner == g) for g in np.unique(owner[owner >= 0])]
    longest = max((len(places) for places in groups), default=0)
    rounds = [np.array([p[k] for p in groups if k < len(p)]) for k in range(longest)]
    return [*rounds, *(np.array([k]) for k in np.flatnonzero(owner < 0))]


def find_mode(
    potential: ValueAndGradient,
    start: FloatArray,
    held: NDArray[np.bool_] | None = None,
    members: NDArray[np.int64] | None = None,
    tolerance: float = TOLERANCE,
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
    members
        The group of each coordinate, as `hessian` takes it.
    tolerance
        Norm of the gradient at which the search ends.

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
        matrix = hessian(gradient, x, None if members is None else members[moving])
        return matrix if np.all(np.isfinite(matrix)) else np.eye(x.size)

    with np.errstate(invalid="ignore"):
        found = minimize(
            value,
            start[moving],
            jac=gradient,
            hess=curvature,
            method="trust-exact",
            options={
                "gtol": tolerance,
                "maxiter": 100,
                "initial_trust_radius": RADIUS * max(1.0, np.sqrt(moving.sum() / 10)),
            },
        )
    eigenvalues, vectors = np.linalg.eigh(curvature(found.x))
    scale = HELD_SCALE * np.eye(start.size)
    scale[np.ix_(moving, moving)] = vectors / np.sqrt(np.maximum(eigenvalues, LEAST_CURVATURE))
    return Mode(whole(found.x), scale)
