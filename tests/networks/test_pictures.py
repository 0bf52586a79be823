"""Pictures of a network: inside of its box, beside what it stands for."""

import numpy as np
from tests.study.network_files import BOX, small_network

from driftmill.models import get_model
from driftmill.networks import pictures as module
from driftmill.networks.pictures import pictures


def test_sets_lie_in_the_box_and_exact_densities_go_with_the_trials():
    found = pictures(get_model("ddm"), small_network(), 3)
    assert len(found) == module.SETS
    for picture in found:
        for name, (low, high) in BOX.items():
            assert low <= picture.parameters[name] <= high
        assert picture.exact is not None
        for choice, density in picture.exact.items():
            mine = picture.rt[(picture.response == choice) & (picture.rt <= picture.times[-1])]
            share = np.trapezoid(density, picture.times)
            error = np.sqrt(share * (1 - share) / module.TRIALS)
            # The first grid interval is left out of the integral.
            assert abs(mine.size / module.TRIALS - share) < 5 * error + 0.01
            assert (picture.network[choice] >= 0).all()


def test_there_is_none_where_no_draw_of_the_priors_lies_in_the_box(monkeypatch):
    monkeypatch.setattr(module, "CANDIDATES", 200)
    from dataclasses import replace

    far = replace(small_network(), box=BOX | {"v": (50.0, 51.0)})
    assert pictures(get_model("ddm"), far, 3) == []


def test_the_same_seed_gives_the_same_picture():
    one, two = (pictures(get_model("ddm"), small_network(), 5)[0] for _ in range(2))
    np.testing.assert_array_equal(one.rt, two.rt)
    assert one.parameters == two.parameters
