import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from driftmill.formulas.terms import FormulaError
from driftmill.models import get_model
from driftmill.prediction.designs import designs_of, frame_of, shapes_of
from driftmill.prediction.new_data import new_design, new_trial_draws
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.build import build_bambi
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from tests.prediction.specs import regression

DDM = get_model("ddm")
SEED = np.random.SeedSequence(11)


def draw(spec, columns, n=20):
    return prior_draws(spec, shapes_of(designs_of(spec, columns)), n, np.random.SeedSequence(1))


def predict(spec, columns, new, draws):
    found = new_trial_draws(spec, columns, draws, new, SEED)
    return found.of(np.arange(found.usable.size))


@pytest.fixture
def new():
    return pd.DataFrame(
        {
            "x": [0.0, 1.5, -2.0, 0.3],
            "c": ["lc", "hc", "mc", "lc"],
            "participant_id": ["s3", "s1", "s1", "s2"],
            "ter": [0.1, 0.2, 0.3, 0.4],
        }
    )


def test_old_data_as_new_data_give_the_same_parameters(ddm, trials):
    columns = trials()
    draws = draw(ddm, columns)
    inside = trial_draws(ddm, designs_of(ddm, columns), draws, columns, 90).of(np.arange(20))
    outside = predict(ddm, columns, pd.DataFrame(columns), draws)
    assert set(inside) == {"v", "a", "z", "t", "p_outlier"}
    for name, values in inside.items():
        np.testing.assert_array_equal(outside[name], values)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_known_participants_are_predicted_as_bambi_does(ddm, trials, new):
    columns = trials()
    draws = draw(ddm, columns)
    model = build_bambi(ddm, columns)
    dims = {name: model.backend.model.named_vars_to_dims.get(name) or () for name in draws}
    coords = model.backend.model.coords
    posterior = xr.Dataset(
        {
            name: (("chain", "draw", *dims[name]), values.reshape(2, 10, *values.shape[1:]))
            for name, values in draws.items()
        },
        {"chain": [0, 1], "draw": range(10)}
        | {dim: list(coords[dim]) for own in dims.values() for dim in own},
    )
    tree = xr.DataTree.from_dict({"posterior": posterior})
    ours = predict(ddm, columns, new, draws)
    for name in ("v", "a"):
        theirs = model.parameters[name].predict(tree, data=new)
        np.testing.assert_allclose(
            ours[name], theirs.to_numpy().reshape(20, 4), rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("noncentered", [True, False])
def test_new_participants_spread_as_the_group_does(trials, noncentered):
    formula = regression(DDM, "v", "1 + (1 + c | participant_id)", noncentered=noncentered)
    spec = FitSpec("f", DDM, fixed={"a": 1.0, "z": 0.5, "t": 0.2}, regressions={"v": formula})
    n = 4_000
    draws = draw(spec, trials(), n)
    draws["v_Intercept"] = np.full(n, 0.7)
    draws["v_1|participant_id_sigma"] = np.full(n, 0.4)
    draws["v_c|participant_id_sigma"] = np.tile([0.3, 0.0], (n, 1))
    people = [f"new{i}" for i in range(3)]
    new = pd.DataFrame(
        {"participant_id": np.repeat(people, 3), "c": np.tile(["hc", "lc", "mc"], 3)}
    )
    v = predict(spec, trials(), new, draws)["v"].reshape(n, 3, 3)
    # Sampling error of an sd: sd / sqrt(2 n).
    bound = 4 / np.sqrt(2 * n)
    for person in range(3):
        assert abs(v[:, person, 0].mean() - 0.7) < 4 * 0.4 / np.sqrt(n)
        assert abs(v[:, person, 0].std() / 0.4 - 1) < bound
        slope = v[:, person, 1] - v[:, person, 0]
        assert abs(slope.std() / 0.3 - 1) < bound
        np.testing.assert_allclose(v[:, person, 2], v[:, person, 0])
    # Two new participants are not the same person.
    assert abs(np.corrcoef(v[:, 0, 0], v[:, 1, 0])[0, 1]) < 4 / np.sqrt(n)


def test_each_draw_spreads_by_its_own_sd(softmax, trials):
    draws = draw(softmax, trials(), 2_000)
    sigma = np.repeat([0.1, 1.0], 1_000)
    draws["logit1_1|participant_id_sigma"] = sigma
    draws["logit1_Intercept"] = np.zeros(2_000)
    new = pd.DataFrame({"x": [0.0], "participant_id": ["new"]})
    found = predict(softmax, trials(), new, draws)["logit1"][:, 0]
    for part in (slice(0, 1_000), slice(1_000, 2_000)):
        assert abs(found[part].std() / sigma[part][0] - 1) < 4 / np.sqrt(2_000)


def test_a_new_participant_does_not_depend_on_the_others(softmax, trials):
    draws = draw(softmax, trials())
    frame = pd.DataFrame({"x": [0.5, 0.5, 0.5], "participant_id": ["n1", "s2", "n2"]})
    whole = predict(softmax, trials(), frame, draws)["logit1"]
    alone = predict(softmax, trials(), frame.iloc[2:].reset_index(drop=True), draws)["logit1"]
    np.testing.assert_array_equal(alone[:, 0], whole[:, 2])


def test_transforms_are_those_of_the_fit(trials):
    columns = trials()
    formula = regression(DDM, "v", "1 + scale(x) + bs(x, df=4) + C(c, Treatment('mc')) + log(ter)")
    inside = new_design(formula, pd.DataFrame(columns), pd.DataFrame(columns))
    part = pd.DataFrame(columns).iloc[[3, 40, 80]].reset_index(drop=True)
    few = new_design(formula, pd.DataFrame(columns), part)
    for whole, cut in zip(inside.common, few.common, strict=True):
        np.testing.assert_allclose(cut.columns, whole.columns[[3, 40, 80]], atol=1e-14)
    (scaled,) = (c.columns[:, 0] for c in few.common if c.term == "scale(x)")
    expected = (part["x"] - columns["x"].mean()) / columns["x"].std()
    np.testing.assert_allclose(scaled, expected)


def test_offsets_are_added(trials):
    formula = regression(DDM, "v", "1 + x + offset(ter)")
    new = pd.DataFrame({"x": [0.0, 0.0], "ter": [0.25, 0.5]})
    found = new_design(formula, pd.DataFrame(trials()), new)
    value = found.predictor({"v_Intercept": 1.0, "v_x": 2.0})
    np.testing.assert_allclose(value, [1.25, 1.5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns="x"), "needs the columns x too; got c, participant_id, ter"),
        (
            lambda d: d.assign(c=["lc", "hc", "xc", "yc"]),
            "c is 'xc' in row 3, a level that",
        ),
        (lambda d: d.assign(x=[0.0, np.nan, 1.0, 2.0]), "column x has no value in row 2"),
    ],
)
def test_what_cannot_be_predicted_is_told(ddm, trials, new, change, message):
    columns = trials()
    formula = ddm.formulas["v"]
    with pytest.raises(FormulaError, match=re.escape(message)):
        new_design(formula, frame_of(ddm, columns), change(new))


def test_an_unseen_level_of_a_group_term_is_told(trials, new):
    formula = regression(DDM, "v", "1 + (C(c) | participant_id)")
    with pytest.raises(FormulaError, match=r"it knows hc, lc, mc"):
        new_design(formula, pd.DataFrame(trials()), new.assign(c="zc"))


def test_nested_groups_are_told_apart(trials, new):
    formula = regression(DDM, "v", "1 + (1 | participant_id:c)")
    known = new_design(formula, pd.DataFrame(trials()), new)
    (group,) = known.groups
    assert [group.groups[k] for k in group.rows] == ["s3:lc", "s1:hc", "s1:mc", "s2:lc"]
    other = new_design(formula, pd.DataFrame(trials()), new.assign(c="zc"))
    assert other.groups[0].groups[-3:] == ("s3:zc", "s1:zc", "s2:zc")
