"""The posterior's mode and the curvature there: where chains start and their first metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from driftmill.likelihoods.compiled import computed_once
from driftmill.models.declaration import FloatArray
from driftmill.sampling.centring import Centring, to_position
from driftmill.sampling.conditional import Conditional, gathered, spread
from driftmill.sampling.profile import Profile, bent, straightened

#: ``Mode.arrays``: centre, scale, profile, conditional, centring.
ModeArrays = tuple[Any, ...]
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
        Shape (d, d): whitened coordinates z, standard normal in the Laplace
        approximation, are coordinates ``position + scale @ z``.
    profile
        How scales follow from these coordinates, in which they are nearly standard normal.
    conditional
        How deviations of groups follow from these coordinates, in which they are standard normal.
    centring
        How the position follows then. Each of the three is None where it changes nothing.
    """

    position: FloatArray
    scale: FloatArray
    profile: Profile | None = None
    conditional: Conditional | None = None
    centring: Centring | None = None

    @property
    def precision(self) -> FloatArray:
        """The inverse of the covariance, shape (d, d)."""
        return np.linalg.inv(self.scale @ self.scale.T)

    @cached_property
    def arrays(self) -> ModeArrays:
        """The fields as a compiled program takes them; standard normals have no centre."""
        centre, scale = self.position.copy(), self.scale
        standard = [part.places for part in (self.profile, self.conditional) if part is not None]
        for places in standard:
            centre[places] = 0.0
            scale = with_block(scale, places.reshape(-1), np.eye(places.size))
        parts = (self.profile, self.conditional, self.centring)
        return (
            jnp.asarray(centre),
            jnp.asarray(scale),
            *(() if part is None else part.arrays for part in parts),
        )

    def positions(self, z: FloatArray) -> FloatArray:
        """Return positions (..., d) of whitened coordinates (..., d)."""
        flat = _positions(jnp.asarray(z.reshape(-1, z.shape[-1])), self.arrays)
        return np.asarray(flat).reshape(z.shape)

    def whitened(self, position: FloatArray) -> FloatArray:
        """Return the whitened coordinates of a position, shape (d,) both."""
        centre, scale, profile, conditional, _ = self.arrays
        centring = self.centring
        coordinates = position if centring is None else centring.from_position(position)
        gaussian = straightened(gathered(jnp.asarray(coordinates), conditional), profile)
        return np.linalg.solve(np.asarray(scale), np.asarray(gaussian - centre))

    def log_density(self, potential: ValueAndGradient, z: FloatArray) -> float:
        """Return the log density of whitened coordinates, shape (d,)."""
        position, log_slope = _position_of(jnp.asarray(z), self.arrays)
        return float(log_slope) - potential(np.asarray(position))[0]

    def less_centred(self, factor: float) -> Mode:
        """Return the same centre in coordinates of deviations that change less with their sds."""
        conditional, centring = self.conditional, self.centring
        return replace(
            self,
            conditional=None if conditional is None else conditional.weakened(factor),
            centring=None if centring is None else centring.weakened(factor),
        )


def position_of(z: Any, mode: ModeArrays) -> tuple[Any, Any]:
    """Return the position of whitened coordinates and the log of the Jacobian, in JAX.

    Parameters
    ----------
    z
        Shape (d,).
    mode
        ``Mode.arrays``.
    """
    centre, scale, profile, conditional, centring = mode
    coordinates, of_profile = bent(centre + scale @ z, profile)
    coordinates, of_deviations = spread(coordinates, conditional)
    position, of_scales = to_position(coordinates, centring)
    (position,) = computed_once(position)
    return position, of_profile + of_deviations + of_scales


def with_block(matrix: FloatArray, places: NDArray[np.int64], block: FloatArray) -> FloatArray:
    """Return a square matrix in which some coordinates are apart from the rest.

    Parameters
    ----------
    matrix
        Shape (d, d).
    places, block
        The coordinates, shape (n,), and what they have among themselves, shape (n, n).
    """
    changed = matrix.copy()
    changed[places] = 0.0
    changed[:, places] = 0.0
    changed[np.ix_(places, places)] = block
    return changed


_position_of = jax.jit(position_of)
_positions = jax.jit(jax.vmap(lambda z, mode: position_of(z, mode)[0], (0, None)))


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
    scale = HELD_SCALE * np.eye(start.size)
    scale[np.ix_(moving, moving)] = root_of_inverse(curvature(found.x))
    return Mode(whole(found.x), scale)


def root_of_inverse(curvature: FloatArray) -> FloatArray:
    """Return a square root of the covariance that a curvature says, shapes (d, d)."""
    eigenvalues, vectors = np.linalg.eigh(curvature)
    return np.asarray(vectors / np.sqrt(np.maximum(eigenvalues, LEAST_CURVATURE)))
