import numpy as np
import pytest
import xarray as xr

from driftmill.report.posterior import first, has_draws, scalars

RNG = np.random.default_rng(2)


def tree_of(**variables):
    """A posterior of one dataset from (dims, draws) by name."""
    coords = {"v_c_dim": ["b", "z"], "participant_id__factor_dim": ["s1", "s2", "s3"]}
    used = {dim for dims, _ in variables.values() for dim in dims}
    posterior = xr.Dataset(
        {name: (("chain", "draw", *dims), x) for name, (dims, x) in variables.items()},
        {dim: labels for dim, labels in coords.items() if dim in used},
    )
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((2, 5), bool))})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


@pytest.fixture
def hierarchical():
    return tree_of(
        t=((), RNG.normal(size=(2, 5))),
        v_c=(("v_c_dim",), RNG.normal(size=(2, 5, 2))),
        v_Intercept=((), RNG.normal(size=(2, 5))),
        **{
            "v_1|participant_id": (("participant_id__factor_dim",), RNG.normal(size=(2, 5, 3))),
            "v_1|participant_id_sigma": ((), RNG.normal(size=(2, 5))),
        },
    )


def test_vectors_become_scalars_and_participants_are_left_out(hierarchical):
    found = scalars(hierarchical)["posterior"].to_dataset()
    assert list(found) == ["t", "v_c[b]", "v_c[z]", "v_Intercept", "v_1|participant_id_sigma"]
    assert all(x.dims == ("chain", "draw") for x in found.values())
    np.testing.assert_array_equal(found["v_c[z]"], hierarchical["posterior"]["v_c"][..., 1])


def test_what_a_dataset_lacks_is_left_out_but_a_failed_fit_keeps_its_names():
    draws = RNG.normal(size=(2, 5, 2))
    draws[..., 1] = np.nan
    lacking = tree_of(t=((), RNG.normal(size=(2, 5))), v_c=(("v_c_dim",), draws))
    assert list(scalars(lacking)["posterior"].data_vars) == ["t", "v_c[b]"]
    assert has_draws(scalars(lacking))
    failed = scalars(tree_of(t=((), np.full((2, 5), np.nan)), v_c=(("v_c_dim",), draws * np.nan)))
    assert list(failed["posterior"].data_vars) == ["t", "v_c[b]", "v_c[z]"]
    assert not has_draws(failed)


def test_the_first_are_parameters_then_means_then_slopes_then_sds(hierarchical):
    levels = {"v_Intercept": "group", "v_c[b]": "group", "v_c[z]": "group"}
    levels["v_1|participant_id_sigma"] = "sd"
    flat = scalars(hierarchical)
    order = ["t", "v_Intercept", "v_c[b]", "v_c[z]", "v_1|participant_id_sigma"]
    assert list(first(flat, 9, levels)["posterior"].data_vars) == order
    assert list(first(flat, 2, levels)["posterior"].data_vars) == order[:2]
