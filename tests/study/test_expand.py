import pytest

from driftmill.store.schemas import SCHEMAS
from driftmill.study.artifacts import artifacts, report_inputs
from driftmill.study.batches import split
from driftmill.study.expand import expand
from driftmill.study.load import load_study


@pytest.fixture
def plan(write):
    return lambda raw, **options: expand(load_study(write(raw)), **options)


def test_datasets_are_cut_into_batches():
    batches = split("c", 10, 4)
    assert [b.label for b in batches] == ["0000", "0001", "0002"]
    assert [b.datasets for b in batches] == [range(4), range(4, 8), range(8, 10)]


def test_labels_of_a_cell_have_one_length():
    labels = [b.label for b in split("c", 10_001, 1)]
    assert {len(label) for label in labels} == {5}
    assert labels == sorted(labels)


def test_every_fit_goes_to_every_cell(raw, plan):
    raw["data"].append(raw["data"][0] | {"name": "d"})
    raw["fits"].append({"name": "g", "model": "angle"})
    made = plan(raw)
    assert made.cells == ("c", "d")
    assert made.pairs == (("c", "f"), ("c", "g"), ("d", "f"), ("d", "g"))
    assert made.recovered == made.pairs
    assert made.compared == made.cells
    assert made.labels("d") == ("0000",)
    assert made.datasets("d", "0000") == range(4)


def test_observed_cells_have_predictions_and_no_recovery(observed, plan):
    made = plan(observed())
    assert made.simulated == ()
    assert made.recovered == ()
    assert made.predicted == (("o", "f"),)
    assert made.datasets("o", "0000") == range(2)


def test_datasets_of_observed_cells_have_names(raw, observed, plan):
    assert "datasets" not in artifacts(plan(raw)).values()
    made = plan(observed())
    assert artifacts(made)["results/s/data/o/datasets-0000.parquet"] == "datasets"
    assert "results/s/data/o/datasets-0000.parquet" in report_inputs(made)


def test_what_is_switched_off_is_not_made(raw, plan):
    raw |= {"compare": {"enabled": False}, "recover": {"enabled": False}}
    made = plan(raw)
    assert made.compared == ()
    assert made.recovered == ()
    raw["report"] = {"predictive": {"data": "all"}}
    assert plan(raw).predicted == (("c", "f"),)


def test_cells_of_several_participants_are_compared_by_them_too(raw, observed, plan):
    kinds = ("participants", "participant_elpd", "participant_comparison", "participant_pairs")
    kinds += ("participant_selection",)
    raw["data"].append(raw["data"][0] | {"name": "d", "participants": 3})
    assert plan(raw).by_participant == ()
    assert set(kinds).isdisjoint(artifacts(plan(raw)).values())
    raw["compare"] = {"participants": True}
    made = plan(raw | {"batch_size": 2})
    assert made.by_participant == ("d",)
    assert [list(artifacts(made).values()).count(kind) for kind in kinds] == [2, 2, 1, 1, 1]
    assert "results/s/loo/d/f/participants-0001.parquet" in report_inputs(made)
    assert made.selections == ()
    raw["fits"].append({"name": "g", "model": "angle"})
    folder = "results/s/comparison"
    assert plan(raw).selections == (
        (f"{folder}/c/selection.parquet", "selection"),
        (f"{folder}/d/participant_selection.parquet", "participant_selection"),
    )
    assert plan(observed()).by_participant == ()
    assert plan(observed(dataset_by=None)).by_participant == ("o",)


def test_refits_are_made_where_they_are_asked(raw, observed, plan):
    """Of participants where there are several; of later trials everywhere."""
    units = {"fold": ("folds", "fold_elpd"), "future": ("future", "future_elpd")}
    raw["data"].append(raw["data"][0] | {"name": "d", "participants": 3})
    raw["fits"].append({"name": "g", "model": "angle"})
    assert plan(raw).units == {"participant": (), "fold": (), "future": ()}
    raw["compare"] = {"folds": 3, "future": {"first": 5}}
    made = plan(raw | {"batch_size": 2})
    assert made.units == {"participant": (), "fold": ("d",), "future": ("c", "d")}
    counts = [list(artifacts(made).values()).count(k) for kinds in units.values() for k in kinds]
    assert counts == [4, 4, 8, 8]
    assert artifacts(made)["results/s/comparison/d/fold_pairs.parquet"] == "fold_pairs"
    assert "results/s/loo/c/g/future-0001.parquet" in report_inputs(made)
    folder = "results/s/comparison"
    assert made.selections == (
        (f"{folder}/c/selection.parquet", "selection"),
        (f"{folder}/d/fold_selection.parquet", "fold_selection"),
    )
    raw["compare"]["enabled"] = False
    assert plan(raw).units == {"participant": (), "fold": (), "future": ()}
    assert plan(observed(dataset_by=None) | {"compare": {"folds": 2}}).by_fold == ("o",)


def test_priors_are_checked_on_every_cell_unless_switched_off(raw, observed, plan):
    assert plan(raw).predicted == ()
    assert plan(raw).foreseen == (("c", "f"),)
    made = artifacts(plan(raw))
    assert made["results/s/predictive/c/f/prior_quantiles.parquet"] == "prior_quantiles"
    raw["report"] = {"predictive": {"prior": False, "data": "all"}}
    assert plan(raw).foreseen == ()
    kinds = set(artifacts(plan(raw)).values())
    assert "prior_quantiles" not in kinds
    assert {"quantiles", "covariate", "curves"} <= kinds
    del raw["report"]
    assert plan(observed()).foreseen == (("o", "f"),)


def test_trials_are_held_against_the_others_where_predictions_are_checked(raw, observed, plan):
    assert plan(raw).transformed == ()
    made = artifacts(plan(observed()))
    assert made["results/s/predictive/o/f/pit-0000.parquet"] == "pit"
    without = observed()
    without["report"] = {"predictive": {"pit": False}}
    assert plan(without).transformed == ()
    assert plan(without).predicted == (("o", "f"),)


def test_priors_are_scaled_where_the_study_asks_for_it(raw, plan):
    assert plan(raw).scaled == ()
    raw["report"] = {"prior_sensitivity": True}
    made = plan(raw | {"batch_size": 2})
    path = "results/s/recovery/c/f/sensitivity-0001.parquet"
    assert artifacts(made)[path] == "sensitivity"
    assert path in report_inputs(made)
    raw["sampling"] = {"sampler": "map"}
    assert plan(raw).scaled == ()


def test_artifacts_lie_under_the_study_and_have_known_kinds(raw, plan):
    made = artifacts(plan(raw | {"batch_size": 2}, results="elsewhere"))
    assert all(path.startswith("elsewhere/s/") for path in made)
    assert set(made.values()) <= {*SCHEMAS, "posterior", "model_graph", "model_summary"}
    assert made["elsewhere/s/fits/c/f/posterior-0001.nc"] == "posterior"
    assert made["elsewhere/s/data/c/truth-0000.parquet"] == "truth"
    assert len(made) == len(set(made))


def test_published_numbers_know_their_batch(raw, plan):
    assert plan(raw).published == ()
    entry = {"label": "l", "fit": "f", "of": "v", "published": 1, "dataset": 3}
    made = plan(raw | {"batch_size": 2, "report": {"published": [entry]}})
    ((found, batch),) = made.published
    assert (found.label, batch.cell, batch.label) == ("l", "c", "0001")
    assert artifacts(made)["results/s/published.parquet"] == "published"
