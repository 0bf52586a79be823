"""The parameter of every trial, by the lifted graph and by the design matrices."""

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.design import design_matrix
from driftmill.formulas.regression import Regression
from driftmill.regression.columns import Shape
from driftmill.regression.draws import TrialParameters
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.variables import flatten, unflatten
from tests.regression.specs import DDM, IDENTITY, group, normal

FORMULAS = [
    "1 + x*y + c",
    "0 + c + c:x",
    "1 + C(c, Treatment('b')) + np.log(w)",
    "1 + scale(x) + (1 + scale(x) | participant_id)",
    "1 + (1 + x | participant_id) + (1 | item)",
    "1 + (0 + c | participant_id)",
    "1 + c + (1 + c | participant_id)",
    "1 + (0 + x:y | participant_id)",
    "1 + (1 + c:x | participant_id)",
    "1 + bs(x, df=4) + (0 + bs(x, df=4) | participant_id)",
    "1 + x + offset(w)",
    "1 + poly(x, 2)",
    "1 + x + (1 | participant_id:c)",
]


def frame(seed=0, n=60):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "rt": rng.uniform(0.5, 1.5, n),
            "response": rng.choice([-1, 1], n),
            "x": rng.normal(size=n),
            "y": rng.normal(size=n),
            "w": rng.uniform(0.5, 2.0, n),
            "c": np.tile(["a", "b", "c"], n // 3),
            "item": np.repeat(["i", "j"], n // 2),
            "participant_id": np.tile(np.repeat(["p", "q", "r", "s", "t"], 3), n // 15),
        }
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_parameters_are_those_of_the_design(text):
    plain = Regression("v", text, IDENTITY)
    groups = {term.name for term in plain.terms.groups}
    priors = {t: group(0.5) if t in groups else normal(1.0) for t in plain.terms.names}
    spec = FitSpec("f", DDM, regressions={"v": Regression("v", text, IDENTITY, priors)})
    data = frame()
    columns = {name: data[name].to_numpy() for name in spec.columns}
    lifted, held = Lifter(spec, Shape(len(data))).of(columns)
    rng = np.random.default_rng(1)
    values = {
        v.name: rng.uniform(0.1, 0.4, v.shape)
        if v.name in "azt"
        else rng.uniform(0.2, 1.0, v.shape)
        for v in lifted.free
    }
    natural = flatten(lifted.free, values)
    got = TrialParameters(lifted)(natural[None], held)["v"][0]
    position = lifted.unconstrain(natural, held.arrays)
    stored = unflatten(lifted.stored, np.asarray(lifted.constrain(position, held.arrays)))
    expected = design_matrix(spec.regressions["v"], data).parameter(stored)
    np.testing.assert_allclose(got, expected, rtol=1e-10)
