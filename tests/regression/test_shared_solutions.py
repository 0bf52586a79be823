"""Rows that share a numerical solution, against solutions of every row by itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.formulas.links import default_link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.models.composition import compose
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.regression.columns import Shape
from driftmill.regression.evaluate import log_density
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import SOLUTIONS, draws_at_once

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
WEIBULL = get_model("weibull")
KIND = "numerical"
SINGLE = jax.jit(WEIBULL.likelihoods[KIND])
NORMAL = Prior("Normal", {"mu": 0.0, "sigma": 0.3})
DEVIATIONS = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.3})})
PRIORS = {"Intercept": NORMAL, "1|participant_id": DEVIATIONS, "x": NORMAL}


def trials(sizes, shuffle):
    rng = np.random.default_rng(4)
    n = sum(sizes)
    columns = {
        "rt": rng.uniform(0.5, 1.8, n),
        "response": rng.choice([-1, 1], n),
        "feedback": rng.choice([0.0, 1.0], n),
        "participant_id": np.repeat([f"s{k}" for k in range(len(sizes))], sizes).astype(object),
        "trial_id": np.concatenate([np.arange(size) for size in sizes]),
        "x": rng.normal(size=n),
    }
    order = rng.permutation(n) if shuffle else np.arange(n)
    return {name: column[order] for name, column in columns.items()}


def spec_of(model, **formulas):
    regressions = {}
    for name, formula in formulas.items():
        link = default_link(model.parameter(name))
        regression = Regression(name, formula, link, PRIORS)
        regressions[name] = regression
    return FitSpec("f", model, fixed={"alpha": 2.0, "beta": 1.5}, regressions=regressions)


def lifted_of(spec, columns):
    needed = {name: columns[name] for name in spec.columns}
    return Lifter(spec, Shape(len(columns["response"]))).of(needed)


def one_by_one(columns, parameters):
    """Return the log density of every row with its own parameters."""
    names = WEIBULL.parameter_names
    return np.array(
        [
            SINGLE(columns["rt"][i], columns["response"][i], *(parameters[n][i] for n in names))
            for i in range(len(columns["rt"]))
        ]
    )


@pytest.fixture(scope="module", params=[(False, (6, 6, 6)), (True, (7, 3, 5))])
def fitted(request):
    shuffle, sizes = request.param
    columns = trials(sizes, shuffle)
    spec = spec_of(WEIBULL, a="1 + (1 | participant_id)", v="1 + x")
    lifted, data = lifted_of(spec, columns)
    position = jnp.linspace(-0.4, 0.4, lifted.dimension)
    return columns, spec, lifted, data, position


def test_each_row_has_its_own_density(fitted):
    columns, _, lifted, data, position = fitted
    assert lifted.graphs.layout.lanes == 3
    natural = {k: np.asarray(x) for k, x in lifted.parameters(position, data.arrays).items()}
    n = len(columns["rt"])
    fixed = {"alpha": np.full(n, 2.0), "beta": np.full(n, 1.5)}
    assert len(np.unique(natural["a"])) == 3
    found = lifted.pointwise(position, data.arrays)
    np.testing.assert_allclose(found, one_by_one(columns, natural | fixed), atol=1e-6)


def test_the_gradient_is_the_slope():
    columns = trials((7, 3, 5), True)
    lifted, data = lifted_of(spec_of(WEIBULL, a="1 + (1 | participant_id)", v="1 + x"), columns)
    position = jnp.linspace(-0.4, 0.4, lifted.dimension)
    density = jax.jit(lambda x: lifted.log_density(x, data.arrays))
    gradient = jax.jit(jax.grad(density))(position)
    step = 1e-4
    for k in range(lifted.dimension):
        ends = [float(density(position.at[k].add(h))) for h in (-step, step)]
        assert float(gradient[k]) == pytest.approx(
            (ends[1] - ends[0]) / (2 * step), rel=2e-3, abs=2e-3
        )


def test_draws_side_by_side_are_few(fitted):
    assert draws_at_once(fitted[2]) == SOLUTIONS // 3


def test_behind_a_learner_participants_share_solutions():
    model = compose(RESCORLA_WAGNER, WEIBULL)
    columns = trials((5, 5, 4), False)
    priors = {"rl_alpha": 0.3, "scaler": 2.0, "z": 0.5, "t": 0.2}
    spec = spec_of(model, a="1 + (1 | participant_id)")
    spec = FitSpec("f", model, fixed={**spec.fixed, **priors}, regressions=spec.regressions)
    lifted, data = lifted_of(spec, columns)
    assert lifted.graphs.layout.shared.lanes == 3
    position = jnp.linspace(-0.3, 0.3, lifted.dimension)
    a = np.asarray(lifted.parameters(position, data.arrays)["a"])
    drift = np.zeros(14)
    for start, end in ((0, 5), (5, 10), (10, 14)):
        values = np.array([0.5, 0.5])
        for i in range(start, end):
            drift[i] = 2.0 * (values[1] - values[0])
            option = int(columns["response"][i] > 0)
            values[option] += 0.3 * (columns["feedback"][i] - values[option])
    held = {"z": 0.5, "t": 0.2, "alpha": 2.0, "beta": 1.5}
    own = {name: np.full(14, value) for name, value in held.items()}
    expected = one_by_one(columns, own | {"v": drift, "a": a})
    np.testing.assert_allclose(lifted.pointwise(position, data.arrays), expected, atol=1e-6)


def test_given_rows_with_equal_parameters_share_a_solution():
    columns = trials((6, 5), True)
    n = len(columns["rt"])
    rng = np.random.default_rng(1)
    parameters = {"v": rng.normal(size=n), "a": rng.choice([0.9, 1.2, 1.4], n)}
    held = {"z": 0.45, "t": 0.2, "alpha": 2.0, "beta": 1.5}
    parameters |= {name: np.full(n, value) for name, value in held.items()}
    found = log_density(WEIBULL, columns | parameters, KIND)
    np.testing.assert_allclose(found, one_by_one(columns, parameters), atol=1e-6)
