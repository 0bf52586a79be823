"""The centre of a posterior with scales: the mode given typical values of them.

The joint mode of a hierarchy says little of where its mass is: centred, the density grows
without bound as an sd goes to zero; non-centred, it peaks at sds far too large. So the sds
are held while all else is maximised, and are then set to what the deviations and their
uncertainty say, as the EM algorithm does; after a few rounds that is near the maximum of the
likelihood with the deviations integrated out (Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B
39, section 4.5, with Laplace's approximation in the E step). A scale of which only its product
with others is identified is held where the search began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray
from driftmill.regression.lifted import LiftedModel
from driftmill.sampling.centring import Centring, empty_centring
from driftmill.sampling.conditional import build_conditional, marginal_precision
from driftmill.sampling.mode import (
    TOLERANCE,
    Mode,
    ValueAndGradient,
    find_mode,
    root_of_inverse,
    with_block,
)
from driftmill.sampling.profile import build_profile
from driftmill.sampling.scales import (
    Group,
    Product,
    are_logarithms,
    groups_of,
    held_of,
    main_groups,
    members_of,
    products_of,
)

#: Rounds of maximising and setting the sds.
ROUNDS = 5
#: Norm of the gradient at which all rounds but the last end: sds are set by the second moments of
#: deviations, which do not feel more.
ROUGHLY = 0.1
#: The sds are kept inside these, on the scale of the linear predictor.
SMALLEST_SD, LARGEST_SD = 0.02, 5.0

Transform = Callable[[FloatArray], FloatArray]


def find_centre(
    potential: ValueAndGradient,
    start: FloatArray,
    lifted: LiftedModel,
    constrain: Transform,
    unconstrain: Transform,
) -> Mode:
    """Find where the chains of a posterior should start, and their first scale.

    Parameters
    ----------
    potential
        Negative log density and its gradient.
    start
        A position where the density is not zero, shape (d,).
    lifted
        The fit.
    constrain, unconstrain
        A position to the free variables' natural values, shape (d,), and back.

    Returns
    -------
    Mode
        Without scales the mode and the curvature there; with scales both given typical ones.
    """
    groups, products = groups_of(lifted.free), products_of(lifted.spec, lifted.free)
    if not groups and not products:
        return find_mode(potential, start)
    held = held_of(groups, products, start.size)
    members = None if lifted.ceiling is not None else members_of(groups, start.size)
    rounds = ROUNDS if groups else 0
    mode = find_mode(potential, start, held, members, ROUGHLY if rounds else TOLERANCE)
    for left in reversed(range(rounds)):
        natural = constrain(mode.position).copy()
        variance = np.sum(mode.scale**2, axis=1)
        for group in groups:
            second = natural[group.deviation] ** 2 + variance[group.deviation]
            moments = second.reshape(group.shape).mean(axis=0).reshape(-1)
            size = np.sqrt(moments) * (natural[group.sigma] if group.offset else 1.0)
            natural[group.sigma] = np.clip(size, SMALLEST_SD, LARGEST_SD)
        moved = unconstrain(natural)
        if not (np.all(np.isfinite(moved)) and np.isfinite(potential(moved)[0])):
            break
        mode = find_mode(potential, moved, held, members, ROUGHLY if left else TOLERANCE)
    natural = constrain(mode.position)
    groups = [g for g in groups if are_logarithms(g.sigma, mode.position, natural)]
    mode = replace(mode, centring=_centring(groups, products, mode, natural))
    mode = _conditional(main_groups(groups), mode, natural, held)
    widths = np.diagonal(mode.scale)

    def beside(shift: FloatArray) -> float:
        # Elsewhere the diagonal may be zero.
        steps = np.divide(shift, widths, out=np.zeros(shift.size), where=shift != 0)
        return mode.log_density(potential, steps)

    return replace(mode, profile=build_profile(beside, np.flatnonzero(held), mode.position))


def _conditional(
    groups: list[Group], mode: Mode, natural: FloatArray, held: NDArray[np.bool_]
) -> Mode:
    """Return the centre in coordinates whose deviations are standard normal given the rest."""
    if not groups:
        return mode
    members = np.concatenate([np.arange(g.deviation.start, g.deviation.stop) for g in groups])
    shared = np.setdiff1d(np.flatnonzero(~held), members)
    precision = mode.precision
    conditional = build_conditional(groups, mode.position, natural, precision, shared)
    marginal = root_of_inverse(marginal_precision(conditional, precision))
    return replace(mode, scale=with_block(mode.scale, shared, marginal), conditional=conditional)


def _removed(left: FloatArray, groups: int) -> FloatArray:
    """Return the share of a deviation's prior variance that its group's data remove.

    Taken at an sd that lies one standard error below its estimate: towards small sds the
    data remove less, and there too centred a coordinate ends in a funnel.

    Parameters
    ----------
    left
        Conditional variance of the deviations over their prior variance, at the estimate.
    groups
        Number of groups, which the standard error of the sd depends on.
    """
    left = np.clip(left, 1e-6, 1.0 - 1e-6)
    information = 1.0 / left - 1.0
    error = 1.0 / (np.sqrt(2.0 * groups) * (1.0 - left))
    smaller = information * np.exp(-2.0 * np.minimum(error, 3.0))
    return np.asarray(smaller / (1.0 + smaller))


def _centring(
    groups: list[Group], products: list[Product], mode: Mode, natural: FloatArray
) -> Centring:
    """Return the coordinates that separate the scales, from the curvature at the centre."""
    position = mode.position
    variance = np.sum(mode.scale**2, axis=1)
    fields = {name: x.copy() for name, x in vars(empty_centring(position.size)).items()}
    main = main_groups(groups)
    for group in groups:
        sigma = natural[group.sigma]
        if group in main:  # its deviations have the coordinates of their conditional posterior
            removed = np.zeros(sigma.shape)
        else:
            left = variance[group.deviation].reshape(group.shape).mean(axis=0).reshape(-1)
            removed = _removed(left / (1.0 if group.offset else sigma**2), group.shape[0])
        places = np.arange(group.sigma.start, group.sigma.stop)
        for name, of_sd in (
            ("removed", removed),
            ("noncentred", np.full(sigma.shape, 0.0 if group.offset else 1.0)),
            ("sd", places),
            ("sd_anchor", position[group.sigma]),
        ):
            levels = of_sd if len(group.shape) > 1 else of_sd[0]
            fields[name][group.deviation] = np.broadcast_to(levels, group.shape).reshape(-1)
    for product in products:
        if not are_logarithms(slice(product.scale, product.scale + 1), position, natural):
            continue
        weights = [("share", where) for where in product.multiplied]
        for group in groups:
            if group.name in product.groups:
                weights.append(("shift", group.sigma))
                weights += [] if group.offset else [("share", group.deviation)]
        for name, where in weights:
            fields[name][where] = -1.0
            fields["scale"][where] = product.scale
            fields["scale_anchor"][where] = position[product.scale]
    return Centring(**fields)
