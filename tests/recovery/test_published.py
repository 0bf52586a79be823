import arviz_stats as azs
import numpy as np
import pandas as pd
import pytest

from driftmill.recovery.asked import Asked
from driftmill.recovery.published import (
    PUBLISHED_TYPES,
    NoQuantityError,
    beside_elpd,
    beside_posterior,
    value_of,
)

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def one(hierarchy):
    """A function from a dataset's number to the tree of that dataset."""

    def select(dataset):
        tree = hierarchy.tree.copy()
        for name in tree.children:
            tree[name] = tree[name].to_dataset().sel(dataset=[dataset])
        return tree

    return select


def ask(of, statistic="mean", published=0.0, **more):
    return Asked("what", statistic, published, of, **more)


def draws(hierarchy, name, dataset=4, **labels):
    return hierarchy.tree["posterior"][name].sel(dataset=dataset, **labels).to_numpy()


def test_a_mean_has_its_monte_carlo_error_and_its_sd(hierarchy, one):
    row = beside_posterior(ask("t", published=0.25, published_sd=0.1), one(4), hierarchy.spec)
    own = draws(hierarchy, "t")
    assert row["ours"] == pytest.approx(own.mean())
    assert row["sd"] == pytest.approx(own.std(ddof=1))
    assert row["mcse"] == pytest.approx(float(azs.mcse(own)))
    assert row["difference"] == pytest.approx(own.mean() - 0.25)
    assert (row["published"], row["published_sd"]) == (0.25, 0.1)
    assert (row["dataset"], row["code"], row["message"], row["quantity"]) == (4, "ok", "", "t")
    assert {*row, "cell", "fit"} == set(PUBLISHED_TYPES)


def test_an_sd_has_the_monte_carlo_error_of_an_sd(hierarchy, one):
    row = beside_posterior(ask("t", "sd", scale=-2.0), one(4), hierarchy.spec)
    own = draws(hierarchy, "t")
    assert row["ours"] == pytest.approx(2.0 * own.std(ddof=1))
    assert row["mcse"] == pytest.approx(2.0 * float(azs.mcse(own, method="sd")))
    assert np.isnan(row["sd"])


def test_shares_are_of_the_difference_of_two_elements(hierarchy, one):
    asked = ask("v_c[b]", "p_positive", minus="v_c[z]")
    row = beside_posterior(asked, one(4), hierarchy.spec)
    difference = draws(hierarchy, "v_c", v_c_dim="b") - draws(hierarchy, "v_c", v_c_dim="z")
    assert row["ours"] == (difference > 0).mean()
    assert row["mcse"] == pytest.approx(float(azs.mcse((difference > 0).astype(float))))
    assert row["quantity"] == "v_c[b] − v_c[z]"
    other = beside_posterior(ask("v_c[b]", "p_negative", minus="v_c[z]"), one(4), hierarchy.spec)
    assert other["ours"] == pytest.approx(1.0 - row["ours"])


def test_a_share_of_all_draws_has_no_error_that_could_be_told(hierarchy, one):
    row = beside_posterior(ask("a (participant)", "p_negative"), one(4), hierarchy.spec)
    assert row["ours"] == 0.0
    assert np.isnan(row["mcse"])


def test_an_intercept_on_the_natural_scale(hierarchy, one):
    asked = ask("a_Intercept", natural=True, scale=2.0)
    row = beside_posterior(asked, one(4), hierarchy.spec)
    assert row["ours"] == pytest.approx(2.0 * np.exp(draws(hierarchy, "a_Intercept")).mean())
    assert row["quantity"] == "2 × inverse link(a_Intercept)"


def test_participants_one_by_one_and_their_mean(hierarchy, one):
    def own(person):
        deviation = draws(hierarchy, "a_1|participant_id", participant_id__factor_dim=person)
        return np.exp(draws(hierarchy, "a_Intercept") + deviation)

    row = beside_posterior(ask("a (participant)", participant="s2"), one(4), hierarchy.spec)
    assert row["ours"] == pytest.approx(own("s2").mean())
    assert row["quantity"] == "a (participant), participant s2"
    row = beside_posterior(ask("a (participant)"), one(4), hierarchy.spec)
    mean = (own("s1") + own("s2") + own("s3")) / 3
    assert row["ours"] == pytest.approx(mean.mean())
    assert row["sd"] == pytest.approx(mean.std(ddof=1))


def test_participants_whom_a_dataset_lacks_do_not_count(hierarchy, one):
    row = beside_posterior(ask("v_1|participant_id"), one(5), hierarchy.spec)
    people = [
        draws(hierarchy, "v_1|participant_id", 5, participant_id__factor_dim=person)
        for person in ("s1", "s2")
    ]
    assert row["ours"] == pytest.approx(np.mean(people))
    row = beside_posterior(ask("a (participant)", participant="s3"), one(5), hierarchy.spec)
    assert np.isnan(row["ours"])
    assert "no participant 's3', but s1, s2" in row["message"]


@pytest.mark.parametrize("of", ["v_c[x]", "w", "a_1|participant_id_offset"])
def test_what_there_is_not_is_told_in_its_place(hierarchy, one, of):
    row = beside_posterior(ask(of, published=1.0), one(4), hierarchy.spec)
    assert np.isnan(row["ours"])
    assert np.isnan(row["difference"])
    assert f"the posterior has no {of!r}" in row["message"]


def test_a_failed_posterior_has_no_number(hierarchy, one):
    row = beside_posterior(ask("t"), one(6), hierarchy.spec)
    assert np.isnan(row["ours"])
    assert (row["code"], row["message"]) == (
        "timeout",
        "the posterior has no draws: sampling failed",
    )


def test_only_intercepts_have_a_natural_scale(hierarchy):
    assert value_of("a_Intercept", hierarchy.spec) == "a"
    for name in ("v_c[b]", "t", "a_1|participant_id_sigma"):
        with pytest.raises(NoQuantityError, match="no intercept"):
            value_of(name, hierarchy.spec)


@pytest.mark.parametrize(("fit", "other", "sign"), [("f1", "f2", 1.0), ("f2", "f1", -1.0)])
def test_a_difference_in_elpd_is_signed_for_the_fit(one, fit, other, sign):
    pairs = pd.DataFrame(
        {
            "dataset": [4, 5],
            "fit_1": "f1",
            "fit_2": "f2",
            "elpd_diff": [10.0, 99.0],
            "dse": [3.0, 9.0],
        }
    )
    asked = ask(other, "elpd_diff", published=15.0, scale=2.0)
    row = beside_elpd(asked, pairs, one(4), fit)
    assert (row["ours"], row["sd"], row["difference"]) == (20.0 * sign, 6.0, 20.0 * sign - 15.0)
    assert row["quantity"] == f"2 × (elpd − elpd of {other})"
    row = beside_elpd(asked, pairs.assign(elpd_diff=np.nan), one(4), fit)
    assert np.isnan(row["ours"])
    assert row["message"] == f"there is no elpd of {fit} and {other}"
