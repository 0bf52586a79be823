"""What the example studies find, by one fit each: published numbers, and truths."""

import numpy as np
import pytest

from driftmill.recovery.published import beside_posterior
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.load import load_study
from driftmill.study.observed import read_observed
from driftmill.study.published import asked_of

#: Half the chains and draws of a study: too few for its gates.
SHORT = SamplingSettings(chains=2, draws=500, ladder=())


def fitted(study, cell, fit, trials):
    """Return a fit on the first dataset of some trials; its chains must agree."""
    spec = fit_spec_of(study, cell, fit)
    columns = datasets_of(trials, spec)
    seeds = {0: seed_sequence(study.seed, cell, 0, Purpose.POSTERIOR)}
    tree = fit_batch(spec, {0: columns[0]}, SHORT, seeds, shape_of(trials), print)
    result = tree["result"].to_dataset().isel(dataset=0)
    assert float(tree["diagnostics"]["r_hat"].max()) < 1.02
    assert int(result["divergences"]) == 0
    return tree, spec


@pytest.fixture(scope="module")
def cavanagh(project_root, shared_file, tmp_path_factory):
    """The study of the patients, its simplest fit, and the fit's specification."""
    text = (project_root / "config" / "studies" / "cavanagh.yaml").read_text(encoding="utf-8")
    file = str(shared_file("data/cavanagh_theta.csv"))
    path = tmp_path_factory.mktemp("cavanagh") / "cavanagh.yaml"
    path.write_text(text.replace("data/cavanagh_theta.csv", file), encoding="utf-8")
    study = load_study(path)
    return study, *fitted(study, "together", "simple", read_observed(study.cell("together")))


def test_boundaries_agree_with_hddm(cavanagh):
    """Both see the same data: what priors and links change is less than a posterior sd."""
    study, tree, spec = cavanagh
    asked = [asked_of(entry) for entry in study.report.published if entry.fit == "simple"]
    assert [entry.label for entry in asked] == [
        "group 2a",
        "mean 2a of the 14 participants",
        "2a of participant 0",
        "2a of participant 1",
    ]
    for entry in asked:
        row = beside_posterior(entry, tree, spec)
        assert abs(row["difference"]) < entry.published_sd + 4 * row["mcse"], row
        if entry.of != "a (participant)" or entry.participant is not None:
            assert 0.7 < row["sd"] / entry.published_sd < 1.4, row


def test_a_hierarchy_of_choices_comes_back(project_root):
    """Group mean within .1, sd within .08 of those of the 20 participants who were drawn."""
    study = load_study(project_root / "config" / "studies" / "choice_only.yaml")
    trials, truth = simulate_datasets(design_of(study, "hierarchy"), [0])
    tree, _ = fitted(study, "hierarchy", "hierarchical", trials)
    drawn = truth[truth["parameter"] == "logit1 (participant)"]["value"].to_numpy()
    assert len(drawn) == 20
    posterior = tree["posterior"].to_dataset()
    assert abs(float(posterior["logit1_Intercept"].mean()) - drawn.mean()) < 0.1
    assert abs(float(posterior["logit1_1|participant_id_sigma"].mean()) - drawn.std(ddof=1)) < 0.08
    own = posterior["logit1_Intercept"] + posterior["logit1_1|participant_id"]
    estimates = own.isel(dataset=0).mean(("chain", "draw")).to_numpy()
    assert np.corrcoef(estimates, drawn)[0, 1] > 0.9
