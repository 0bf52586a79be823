"""The Cavanagh study as a whole, beside what HDDM's tutorial prints of the same data."""

import pandas as pd
import pytest
from scipy.stats import norm
from tests.workflow.runs import ROOT, Run


@pytest.fixture(scope="module")
def table(tmp_path_factory, shared_file):
    """Run the study up to its published numbers, which are returned by their labels."""
    file = shared_file("data/cavanagh_theta.csv")
    folder = tmp_path_factory.mktemp("cavanagh")
    text = (ROOT / "config" / "studies" / "cavanagh.yaml").read_text(encoding="utf-8")
    study = folder / "cavanagh.yaml"
    study.write_text(text.replace("data/cavanagh_theta.csv", str(file)), encoding="utf-8")
    run = Run(folder, study, name="cavanagh")
    run("--until", "publish")
    found = pd.read_parquet(run.results / "published.parquet")
    print(found[["label", "ours", "sd", "mcse", "published", "difference"]].to_string())
    return found.set_index("label")


def test_every_posterior_passes(table):
    assert set(table["code"]) == {"ok"}
    assert set(table["message"]) == {""}


def test_means_differ_by_less_than_a_posterior_sd(table):
    means = table[table["statistic"] == "mean"]
    assert len(means) == 4
    assert (means["difference"].abs() < means["published_sd"] + 4 * means["mcse"]).all()


def test_shares_differ_by_less_than_half_a_posterior_sd(table):
    """A share is where 0 lies in a posterior: priors and links may move it by half an sd."""
    shares = table[table["statistic"].str.startswith("p_")]
    known = shares[shares["published"] > 0]
    assert len(known) == 3
    assert (norm.ppf(known["ours"]) - norm.ppf(known["published"])).max() < 0.5
    assert (norm.ppf(known["ours"]) - norm.ppf(known["published"])).min() > -0.5
    never = shares[shares["published"] == 0]
    assert len(never) == 1
    assert never["ours"].item() < 0.005


def test_the_stimulus_matters_as_much_as_for_hddm(table):
    """DIC and -2 elpd charge parameters differently, a few units for 22 more of them."""
    lead = table[table["statistic"] == "elpd_diff"].squeeze()
    assert abs(lead["difference"]) < 20
    assert lead["ours"] > 4 * lead["sd"]
