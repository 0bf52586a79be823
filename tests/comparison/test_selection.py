import numpy as np
import pandas as pd
import pytest

from driftmill.comparison.criteria import PARTICIPANTS, STACKING, judged
from driftmill.comparison.random_effects import frequencies
from driftmill.comparison.selection import SELECTION_TYPES, selection

pytestmark = pytest.mark.filterwarnings("error")
FITS = ("plain", "wide")


def tables(leads, trials=4):
    """Pointwise tables where ``wide`` leads by ``leads[dataset][participant]`` in sum."""
    rows = [
        (dataset, None if len(each) == 1 else f"p{person}", trial, lead / trials)
        for dataset, each in enumerate(leads)
        for person, lead in enumerate(each)
        for trial in range(trials)
    ]
    columns = ["dataset", "participant_id", "trial_id", "elpd"]
    frame = pd.DataFrame(rows, columns=columns)
    shuffled = frame.sample(frac=1, random_state=np.random.RandomState(1))
    return {"plain": frame.assign(elpd=0.0), "wide": shuffled}


def test_participants_of_each_dataset_are_a_population():
    leads = [[30.0] * 12 + [-30.0] * 2, [0.0] * 6]
    table = selection("c", tables(leads))
    assert list(table) == list(SELECTION_TYPES)
    assert table["scope"].tolist() == ["dataset"] * 4
    assert table["dataset"].tolist() == [0, 0, 1, 1]
    assert table["n"].tolist() == [14, 14, 6, 6]
    assert table["fit"].tolist() == [*FITS, *FITS]
    expected = frequencies(np.column_stack([np.zeros(14), leads[0]]))
    np.testing.assert_allclose(table["protected_exceedance"][:2], expected.protected)
    np.testing.assert_allclose(table["alpha"][:2], [3, 13])
    assert table["verdict"].tolist() == ["wide", "wide", "undecided", "undecided"]


def test_datasets_of_one_participant_each_are_one_population():
    table = selection("c", tables([[20.0]] * 9 + [[-20.0]]))
    assert table["scope"].tolist() == ["cell", "cell"]
    assert table["dataset"].isna().all()
    np.testing.assert_allclose(table["alpha"], [2, 10])
    assert selection("c", tables([[20.0]] * 10), 0.9999999)["verdict"].tolist() == ["undecided"] * 2


def test_participants_without_an_elpd_are_left_out_and_counted():
    pointwise = tables([[30.0, 30.0, -30.0], [1.0, 1.0]])
    wide = pointwise["wide"]
    lost = (wide["dataset"] == 0) & (wide["participant_id"] == "p1") & (wide["trial_id"] == 2)
    pointwise["wide"] = wide.assign(elpd=wide["elpd"].mask(lost | (wide["dataset"] == 1)))
    table = selection("c", pointwise)
    assert table["n"].tolist() == [2, 2, 0, 0]
    assert table["n_left_out"].tolist() == [1, 1, 2, 2]
    np.testing.assert_allclose(table["alpha"][:2], [2, 2], rtol=1e-6)
    assert table["verdict"].tolist()[2:] == ["failed"] * 2
    assert table.loc[2:, "frequency"].isna().all()


def test_a_table_of_participants_needs_no_trials():
    pointwise = {f: t.drop(columns="trial_id") for f, t in tables([[9.0] * 5], 1).items()}
    assert selection("c", pointwise)["n"].tolist() == [5, 5]


@pytest.mark.parametrize("leads", [[[3.0]], []])
def test_one_participant_is_no_population(leads):
    assert selection("c", tables(leads)).empty


def test_one_fit_has_no_rival():
    assert selection("c", {"plain": tables([[1.0, 2.0]])["plain"]}).empty


def comparison(weights, verdicts):
    rows = [
        ("c", dataset, fit, "ok", weight, verdict)
        for dataset, (pair, verdict) in enumerate(zip(weights, verdicts, strict=True))
        for fit, weight in zip(FITS, pair, strict=True)
    ]
    columns = ["cell", "dataset", "fit", "code", "weight_stacking", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def verdicts_of(table):
    return table.drop_duplicates("dataset")["verdict"].tolist()


def test_stacking_names_the_fit_with_enough_weight():
    weights = [(0.9, 0.1), (0.3, 0.7), (0.2, 0.8), (np.nan, 1.0)]
    rows = comparison(weights, ["undecided", "wide", "plain", "failed"])
    found = judged(rows, [])
    assert set(found) == {"elpd_diff", STACKING}
    assert verdicts_of(found[STACKING]) == ["plain", "undecided", "wide", "failed"]
    assert verdicts_of(judged(rows, [], 0.6)[STACKING])[1] == "wide"


def test_participants_name_a_fit_where_a_dataset_has_several():
    rows = comparison([(0.5, 0.5)] * 2, ["undecided"] * 2)
    selections = [selection("c", tables([[30.0] * 14, [0.0] * 6]))]
    found = judged(rows, selections)
    assert verdicts_of(found[PARTICIPANTS]) == ["wide", "undecided"]
    assert len(found[PARTICIPANTS]) == len(rows)
    alone = [selection("c", tables([[30.0]] * 5))]
    assert PARTICIPANTS not in judged(rows, alone)
