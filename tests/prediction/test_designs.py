import numpy as np
import pytest

from driftmill.prediction.designs import (
    cut,
    designs_of,
    finite,
    labels_of,
    posterior_draws,
    shapes_of,
)
from driftmill.regression.prior_draws import prior_draws
from tests.prediction.specs import posterior_of


@pytest.fixture
def drawn(ddm, trials):
    designs = designs_of(ddm, trials())
    draws = prior_draws(ddm, shapes_of(designs), 6, np.random.SeedSequence(1))
    return designs, {k: x for k, x in draws.items() if not k.endswith("_offset")}


def test_variables_have_the_shapes_of_the_data(ddm, trials):
    found = shapes_of(designs_of(ddm, trials(("p", "q"))))
    assert found["v_x"] == ()
    assert found["v_c"] == (2,)
    assert found["v_c|participant_id"] == (2, 2)
    assert found["a_1|participant_id_sigma"] == ()


def test_draws_of_a_posterior_come_chain_after_chain(ddm, drawn):
    designs, draws = drawn
    found = posterior_draws(ddm, designs, posterior_of(draws, labels_of(designs)), 7)
    assert set(found) == set(draws)
    for name, values in found.items():
        np.testing.assert_array_equal(values, draws[name])


def test_labels_say_which_elements_are_the_datasets_own(ddm, trials, drawn):
    designs, draws = drawn
    posterior = posterior_of(draws, labels_of(designs))
    # Another dataset of the batch has a participant whom this one lacks.
    dim = "v_1|participant_id_0"
    wider = posterior.reindex({dim: ["s0", *posterior[dim].to_numpy()[::-1]]})
    found = posterior_draws(ddm, designs, wider, 7)
    np.testing.assert_array_equal(found["v_1|participant_id"], draws["v_1|participant_id"])


def test_a_posterior_of_another_fit_is_refused(ddm, drawn):
    designs, draws = drawn
    del draws["v_x"]
    with pytest.raises(KeyError, match="v_x"):
        posterior_draws(ddm, designs, posterior_of(draws, labels_of(designs)), 7)


def test_a_draw_with_a_gap_is_not_finite():
    draws = {"v": np.array([0.0, 1.0, np.nan]), "d": np.zeros((3, 2, 2))}
    draws["d"][0, 1, 0] = np.inf
    assert finite(draws).tolist() == [False, True, False]


def test_a_cut_design_gives_the_rows_of_the_whole(ddm, drawn):
    designs, draws = drawn
    for design in designs.values():
        whole = design.parameter(draws)
        np.testing.assert_array_equal(cut(design, slice(10, 25)).parameter(draws), whole[:, 10:25])
