import numpy as np
import pandas as pd

from driftmill.models import get_model
from driftmill.prediction.designs import designs_of, labels_of, shapes_of
from driftmill.prediction.posterior import posterior_check
from driftmill.prediction.predictive import check
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from driftmill.simulation.trials import simulate_trials
from tests.prediction.specs import posterior_of

SEED = np.random.SeedSequence(2)


def test_a_fit_without_formulas_is_checked_by_its_plain_draws():
    model = get_model("ddm")
    truth = {"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3}
    draws = {n: x + np.random.default_rng(1).normal(0, 0.01, 40) for n, x in truth.items()}
    columns = simulate_trials(model, {n: np.full(80, x) for n, x in truth.items()}, SEED)
    spec = FitSpec("f", model, p_outlier=0.05)
    found = posterior_check(spec, columns, posterior_of(draws, {}), 7, SEED, 30)
    expected = check(trial_draws(spec, {}, draws, {}, 80), columns, SEED, 30)
    pd.testing.assert_frame_equal(found.quantiles, expected.quantiles, check_exact=True)
    assert found.covariates.empty


def test_a_fit_with_formulas_is_checked_on_its_own_trials(softmax, trials):
    columns = trials([f"s{i}" for i in range(8)], each=100)
    designs = designs_of(softmax, columns)
    drawn = prior_draws(softmax, shapes_of(designs), 200, np.random.SeedSequence(4))
    # All draws are one truth, from which the data are simulated.
    draws = {
        name: np.broadcast_to(values[:1], values.shape).copy()
        for name, values in drawn.items()
        if not name.endswith("_offset")
    }
    draws["logit1_x"][:] = 1.0
    source = trial_draws(softmax, designs, draws, columns, 800)
    values = {name: row[0] for name, row in source.of(np.array([0])).items()}
    lapse = values.pop("p_outlier")
    columns |= simulate_trials(softmax.model, values, np.random.SeedSequence(5), float(lapse[0]))
    posterior = posterior_of(draws, labels_of(designs))
    found = posterior_check(softmax, columns, posterior, 7, SEED)
    assert set(found.covariates["covariate"]) == {"x"}
    assert len(found.covariates) == 10 * 2
    table = found.covariates[found.covariates["response"] == 1]
    inside = table["observed"].between(table["lower"], table["upper"])
    assert inside.sum() >= 7
    # The slope is there to be seen.
    assert table["observed"].iloc[-1] - table["observed"].iloc[0] > 0.5


def test_a_failed_posterior_predicts_nothing(softmax, trials):
    columns = trials()
    designs = designs_of(softmax, columns)
    drawn = prior_draws(softmax, shapes_of(designs), 10, np.random.SeedSequence(4))
    draws = {n: np.full_like(x, np.nan) for n, x in drawn.items() if not n.endswith("_offset")}
    found = posterior_check(softmax, columns, posterior_of(draws, labels_of(designs)), 7, SEED)
    for table in found:
        assert (table["n_draws"] == 0).all()
        assert table["predicted"].isna().all()
        assert table["observed"].notna().all()
