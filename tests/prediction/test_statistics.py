import numpy as np

from driftmill.models import get_model
from driftmill.prediction.statistics import PROBABILITIES, Statistic, evaluate, statistics_of

DDM = get_model("ddm")


def test_statistics_are_quantiles_then_shares():
    names = statistics_of(DDM)
    assert len(names) == 2 * len(PROBABILITIES) + 2
    assert names[0] == Statistic("rt_quantile", -1, 0.1)
    assert names[5] == Statistic("rt_quantile", 1, 0.1)
    assert names[-1] == Statistic("response_share", 1, None)


def test_quantiles_of_each_response():
    slow, fast = np.linspace(1.0, 2.0, 11), np.linspace(0.0, 1.0, 31)
    columns = {"rt": np.concatenate([slow, fast]), "response": np.repeat([-1, 1], [11, 31])}
    expected = [1.1, 1.3, 1.5, 1.7, 1.9, 0.1, 0.3, 0.5, 0.7, 0.9, 11 / 42, 31 / 42]
    np.testing.assert_allclose(evaluate(DDM, columns), expected)


def test_an_absent_response_has_no_quantiles_but_a_share():
    values = evaluate(DDM, {"rt": np.array([0.5]), "response": np.array([1])})
    assert np.isnan(values[:5]).all()
    np.testing.assert_allclose(values[5:], [0.5] * 5 + [0.0, 1.0])


def test_choices_alone_have_shares_alone():
    model = get_model("softmax_inv_temperature_3")
    assert [s.quantity for s in statistics_of(model)] == ["response_share"] * 3
    np.testing.assert_allclose(
        evaluate(model, {"response": np.array([0, 2, 2, 2])}), [0.25, 0, 0.75]
    )
