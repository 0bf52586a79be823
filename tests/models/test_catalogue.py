"""Looking models up by name."""

import pytest

from driftmill.models import CATALOGUE, get_model, model_names


def test_the_catalogue_is_keyed_by_name():
    assert model_names() == tuple(CATALOGUE)
    assert all(get_model(name).name == name for name in model_names())


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(KeyError, match="did you mean 'angle'"):
        get_model("angel")
    with pytest.raises(KeyError, match="Known models: ddm, ddm_sdv"):
        get_model("xyzzy")


def test_an_unknown_parameter_is_named():
    with pytest.raises(KeyError, match="no parameter 'theta'"):
        get_model("ddm").parameter("theta")
