"""Where participants' deviations lie, against the labels of the variables themselves."""

import numpy as np
import pytest
from tests.comparison.hierarchies import (
    NORMAL,
    SOFTMAX,
    choices,
    deviations,
    lifter_of,
    varying_intercept,
)

from driftmill.comparison.effects import effects_of
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.variables import unflatten


def spec_of(formula, *terms, noncentered=True):
    priors = {"Intercept": NORMAL} | dict.fromkeys(terms, deviations(0.5))
    regression = Regression("logit1", formula, Link("identity"), priors, noncentered)
    return FitSpec("choice", SOFTMAX, fixed={"beta": 2.0}, regressions={"logit1": regression})


def found(spec, columns):
    lifted, data = lifter_of(spec, columns).of(columns)
    return lifted, data, effects_of(lifted, data, columns, columns["participant_id"])


@pytest.fixture
def columns():
    """Three participants in disorder, the last with one session, the others with two."""
    rng = np.random.default_rng(0)
    made = choices(3, 8, seed=0)
    made["participant_id"] = np.repeat(np.array(["z", "a", "m"], dtype=object), 8)
    made["session"] = np.repeat(np.array(["s1", "s2", "s1", "s2", "s1", "s1"], dtype=object), 4)
    made["item"] = np.tile(np.array(["i", "j"], dtype=object), 12)
    order = rng.permutation(24)
    return {name: column[order] for name, column in made.items()}


@pytest.mark.parametrize("noncentered", [True, False])
def test_deviations_are_those_of_the_participants(columns, noncentered):
    spec = spec_of(
        "1 + (1 + x | participant_id)",
        "1|participant_id",
        "x|participant_id",
        noncentered=noncentered,
    )
    lifted, data, effects = found(spec, columns)
    natural = np.random.default_rng(1).uniform(0.2, 1.0, lifted.dimension)
    values, labels = unflatten(lifted.free, natural), data.coords["participant_id__factor_dim"]
    own = effects.deviations(natural)
    assert own.shape == (3, 2)
    for j, person in enumerate(effects.participants):
        for k, term in enumerate(("logit1_1|participant_id", "logit1_x|participant_id")):
            stored = values[f"{term}_offset" if noncentered else term][labels.index(person)]
            sd = values[f"{term}_sigma"]
            assert effects.sds(natural)[j, k] == sd
            assert own[j, k] == pytest.approx(stored * sd if noncentered else stored)
    assert [effects.participants[k] for k in effects.rows] == columns["participant_id"].tolist()
    assert len(effects.shared) == lifted.dimension - 6
    np.testing.assert_allclose(effects.replace(natural, own[None])[0], natural, rtol=1e-14)
    changed = effects.replace(natural, own[None] + np.arange(2)[:, None, None])
    np.testing.assert_allclose(effects.deviations(changed[1]), own + 1, rtol=1e-12)
    np.testing.assert_array_equal(changed[1, effects.shared], natural[effects.shared])


def test_groups_within_participants_are_their_own(columns):
    spec = spec_of(
        "1 + (1 | participant_id) + (1 | participant_id:session)",
        "1|participant_id",
        "1|participant_id:session",
    )
    lifted, data, effects = found(spec, columns)
    counts = dict(zip(effects.participants, effects.known.sum(axis=1), strict=True))
    assert counts == {"z": 3, "a": 3, "m": 2}
    assert effects.place[effects.known].size == len(set(effects.place[effects.known])) == 8
    natural = np.random.default_rng(1).uniform(0.2, 1.0, lifted.dimension)
    own = effects.deviations(natural)
    assert np.all(own[~effects.known] == 0)
    np.testing.assert_allclose(effects.replace(natural, own[None])[0], natural, rtol=1e-14)
    labels = data.coords["participant_id:session__factor_dim"]
    values = unflatten(lifted.free, natural)["logit1_1|participant_id:session_offset"]
    people = unflatten(lifted.free, natural)["logit1_1|participant_id_offset"]
    order = data.coords["participant_id__factor_dim"]
    for j, person in enumerate(effects.participants):
        sessions = ("s1",) if person == "m" else ("s1", "s2")
        expected = {values[labels.index(f"{person}:{session}")] for session in sessions}
        expected.add(people[order.index(person)])
        assert set(natural[effects.place[j][effects.known[j]]]) == expected
    # The group m:s2 has no trial: nobody's, and nothing that participants share.
    assert len(labels) == 6
    assert len(effects.shared) == lifted.dimension - 9


def test_a_group_of_several_participants_is_told(columns):
    spec = spec_of("1 + (1 | item)", "1|item")
    given = columns | {"participant_id": columns["participant_id"]}
    with pytest.raises(ValueError, match=r"logit1_1\|item: participants .* share the group"):
        found(spec, given)


def test_tails_are_those_of_the_prior(columns):
    heavy = varying_intercept(noncentered=False, prior=deviations(0.7, "StudentT", nu=3.0))
    assert found(heavy, columns)[2].tails.tolist() == [[3.0]] * 3
    assert np.isinf(found(varying_intercept(), columns)[2].tails).all()
