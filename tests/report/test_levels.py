import pandas as pd
import pytest

from driftmill.report.levels import (
    LAYERS,
    MEANS,
    PARAMETERS,
    PARTICIPANTS,
    SDS,
    SLOPES,
    in_layers,
    layer_of,
    layered,
    shared,
)


@pytest.mark.parametrize(
    ("level", "parameter", "layer"),
    [
        ("dataset", "a", PARAMETERS),
        ("group", "v_Intercept", MEANS),
        ("group", "p_outlier_Intercept", MEANS),
        ("group", "v_x", SLOPES),
        ("group", "v_c[b]", SLOPES),
        ("sd", "v_1|participant_id_sigma", SDS),
        ("participant", "v_x (participant)", PARTICIPANTS),
        ("deviation", "v_1|participant_id", None),
    ],
)
def test_every_number_has_its_layer(level, parameter, layer):
    assert layer_of(level, parameter) is layer


@pytest.fixture
def rows():
    return pd.DataFrame(
        [
            ("participant", "a (participant)"),
            ("sd", "v_1|participant_id_sigma"),
            ("deviation", "v_1|participant_id"),
            ("group", "v_x"),
            ("group", "v_Intercept"),
            ("dataset", "t"),
        ],
        columns=["level", "parameter"],
    )


def test_rows_are_parted_in_the_order_of_the_page(rows):
    parts = layered(rows)
    assert [layer for layer, _ in parts] == list(LAYERS)
    assert [part["parameter"].tolist() for _, part in parts] == [
        ["t"],
        ["v_Intercept"],
        ["v_x"],
        ["v_1|participant_id_sigma"],
        ["a (participant)"],
    ]


def test_a_table_says_the_layer_only_where_there_are_several(rows):
    assert in_layers(rows)["layer"].tolist() == [layer.one for layer in LAYERS]
    assert "layer" not in in_layers(rows[rows["level"] == "dataset"])
    assert in_layers(pd.DataFrame()).empty


def test_shared_numbers_are_those_of_the_dataset(rows):
    assert shared(rows)["level"].tolist() == ["sd", "group", "group", "dataset"]
    assert shared(pd.DataFrame()).empty
