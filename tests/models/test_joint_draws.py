"""Draws of parameters of which one must lie below another."""

import numpy as np
import pytest
from scipy import stats

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.models.joint_draws import draw_allowed
from driftmill.models.priors import Distribution

LBA = get_model("lba2")
N = 4000


def drawn(priors, given=None, model=LBA):
    streams = {name: np.random.default_rng(k) for k, name in enumerate(priors)}
    return draw_allowed(model, priors, streams, N, given or {})


def half_normal(sigma):
    return Distribution(Prior("HalfNormal", {"sigma": sigma}), 0.0)


def test_draws_are_those_of_the_priors_given_the_order():
    got = drawn({"A": half_normal(1.0), "b": half_normal(1.0), "v0": half_normal(2.0)})
    assert (got["A"] < got["b"]).all()
    # Of two equal distributions, the smaller and the larger of two draws.
    one = stats.halfnorm.cdf
    assert stats.kstest(got["A"], lambda x: 1 - (1 - one(x)) ** 2).pvalue > 1e-4
    assert stats.kstest(got["b"], lambda x: one(x) ** 2).pvalue > 1e-4
    # What has nothing to do with the order is drawn once.
    assert (got["v0"] == half_normal(2.0).sample(np.random.default_rng(2), N)).all()


def test_a_value_that_is_given_is_kept_to():
    assert (drawn({"b": half_normal(1.0)}, {"A": 0.7})["b"] > 0.7).all()
    assert (drawn({"A": half_normal(1.0)}, {"b": 0.7})["A"] < 0.7).all()


def test_priors_that_leave_no_room_are_told():
    above = Distribution(Prior("Uniform", {"lower": 2.0, "upper": 3.0}), 0.0)
    with pytest.raises(ValueError, match="A as they are distributed hardly ever keep A below b"):
        drawn({"A": above}, {"b": 1.0})


def test_without_an_order_nothing_is_drawn_anew():
    prior = half_normal(1.0)
    got = drawn({"a": prior}, model=get_model("ddm"))["a"]
    assert (got == prior.sample(np.random.default_rng(0), N)).all()
