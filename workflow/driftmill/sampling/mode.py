"""The posterior's mode and the curvature there: where chains start and their first metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from driftmill.models.declaration import FloatArray

ValueAndGradient = Callable[[FloatArray], tuple[float, FloatArray]]

#: Step of the central differences of the gradient, on the unconstrained scale.
DIFFERENCE = 1e-4
#: Curvatures below this are taken as this: a direction the data say nothing of
#: is then no wider than ten units of the unconstrained scale.
LEAST_CURVATURE = 1e-2


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
    """

    position: FloatArray
    scale: FloatArray


def hessian(gradient: Callable[[FloatArray], FloatArray], position: FloatArray) -> FloatArray:
    """Symmetric Hessian by central differences of the gradient, shape (d, d)."""
    steps = DIFFERENCE * np.eye(position.size)
    rows = [
        (gradient(position + step) - gradient(position - step)) / (2 * DIFFERENCE) for step in steps
    ]
    matrix = np.array(rows)
    return 0.5 * (matrix + matrix.T)


def find_mode(potential: ValueAndGradient, start: FloatArray) -> Mode:
    """Minimise the negative log density by a trust-region Newton method.

    Parameters
    ----------
    potential
        Negative log density and its gradient.
    start
        Where the density is not zero.

    Returns
    -------
    Mode
        Its values are finite wherever the potential was finite at ``start``: a step to a
        point of zero density is refused by the trust region and the region shrinks.
    """

    def value(x: FloatArray) -> float:
        energy = potential(x)[0]
        return energy if np.isfinite(energy) else np.inf

    def gradient(x: FloatArray) -> FloatArray:
        return np.asarray(potential(x)[1])

    def curvature(x: FloatArray) -> FloatArray:
        matrix = hessian(gradient, x)
        return matrix if np.all(np.isfinite(matrix)) else np.eye(x.size)

    with np.errstate(invalid="ignore"):
        found = minimize(
            value,
            start,
            jac=gradient,
            hess=curvature,
            method="trust-exact",
            options={"gtol": 1e-4, "maxiter": 100, "initial_trust_radius": 0.5},
        )
    position = found.x
    eigenvalues, vectors = np.linalg.eigh(curvature(position))
    return Mode(position, vectors / np.sqrt(np.maximum(eigenvalues, LEAST_CURVATURE)))
