"""The methods in words: what they must state, and Markdown that says the same."""

from dataclasses import replace

import pytest

from driftmill.report.markdown import markdown
from driftmill.report.sections.methods import methods, methods_text


@pytest.fixture(scope="module")
def text(make):
    data = make("full")
    fits = tuple(replace(fit, reference="Somebody (1978)") for fit in data.study.fits)
    return methods_text(replace(data, study=replace(data.study, fits=fits)))


@pytest.mark.parametrize(
    "stated",
    [
        "Cell ddm: 12 datasets of 1 participant of 200 trials each, simulated from ddm with v \\~ "
        "Normal(mu=0, sigma=1.5)",
        "with 5 % of lapses",
        "Cell people: 6 observed datasets (people.csv).",
        "Fit angle: angle, analytical likelihood; priors v \\~ Normal(mu=0, sigma=1)",
        "share of lapses 0.05. Somebody (1978).",
        "4 chains of 1000 draws by NUTS",
        "r\\_hat ≤ 1.01, bulk ESS ≥ 400",
        "57 of 60 posteriors passed",
        "3 did not (2 not converged and 1 numeric failure)",
        "kept and labelled",
        "driftmill 0.1.0 and pymc 6.4 at commit `abc123`",
        "hash `0123456789ab`, seed 7",
        "- Yao et al. 2018. Using stacking to average Bayesian predictive distributions. "
        "*Bayesian Analysis 13:917*. [doi:10.1214/17-BA1091](https://doi.org/10.1214/17-BA1091)",
        "Abril-Pla et al. 2023",
    ],
)
def test_states(text, stated):
    assert stated in text


#: By study: first authors of papers behind methods that it used, and behind others that it did not.
CITED = {
    "full": (
        ("Vehtari", "Yao", "Sivula", "Wilson", "Schad", "Gneiting"),
        ("Talts", "Säilynoja", "Modrák", "Merkle", "Navarro"),
    ),
    "recovery_only": (("Schad", "Gneiting", "Brown"), ("Yao", "Sivula", "Wilson", "Talts")),
    "calibrated": (("Talts", "Säilynoja", "Modrák"), ("Yao", "Wilson", "Stephan", "Merkle")),
    "observed_only": (("Vehtari", "Yao"), ("Schad", "Gneiting", "Wilson", "Talts")),
    "single": (("Vehtari",), ("Yao", "Sivula", "Wilson", "Schad", "Gneiting", "Stephan")),
}


@pytest.mark.parametrize("name", CITED)
def test_cites_the_papers_of_methods_that_were_used_and_no_others(make, name):
    said, _, listed = methods_text(make(name)).partition("## References")
    used, unused = CITED[name]
    for author in used:
        assert author in said
        assert f"- {author}" in listed
    for author in unused:
        assert author not in said
        assert author not in listed


def test_the_density_of_a_diffusion_is_cited_where_it_was_fitted(text, make):
    assert "Navarro" not in text
    data = make("single")
    fits = tuple(replace(fit, reference="Navarro & Fuss (2009)") for fit in data.study.fits)
    told = methods_text(replace(data, study=replace(data.study, fits=fits)))
    assert "- Navarro & Fuss 2009. Fast and accurate calculations" in told


def test_numpyro_is_cited_where_it_sampled(make):
    data = make("full")
    for sampler, cited in (("nuts", True), ("nutpie", False)):
        sampling = replace(data.study.sampling, sampler=sampler)
        versions = {"versions": {"numpyro": "0.19", "arviz": "1.3"}}
        study = replace(data.study, sampling=sampling)
        told = methods_text(replace(data, study=study, provenance=versions))
        assert ("Phan et al. 2019" in told) is cited
        assert "Kumar et al. 2019" in told


@pytest.mark.parametrize(
    ("sampler", "ran", "said"),
    [
        ("nuts", ["nuts"], "draws by NUTS, and gated"),
        ("nuts", ["hmc"], "draws by Hamiltonian Monte Carlo with numbers"),
        ("nuts", ["nuts", "hmc"], "draws by NUTS, on GPUs by Hamiltonian Monte Carlo"),
        ("hmc", [], "draws by Hamiltonian Monte Carlo with numbers"),
    ],
)
def test_what_nuts_is_on_a_gpu_is_said(make, sampler, ran, said):
    data = make("full")
    study = replace(data.study, sampling=replace(data.study.sampling, sampler=sampler))
    devices = {"devices": [GPU | {"sampler": name, "name": name} for name in ran]}
    told = methods_text(replace(data, study=study, provenance=devices))
    assert said in told
    assert ("- Hoffman, Radul & Sountsov 2021" in told) is ("Hamiltonian" in said)


def test_software_that_was_not_used_is_not_cited(text):
    assert "Snakemake" not in text.partition("## References")[2]


def test_no_failure_is_spoken_of_where_there_was_none(make):
    text = methods_text(make("recovery_only"))
    assert "8 of 8 posteriors passed" in text
    assert "none failed" in text
    assert "kept and labelled" not in text


def test_the_page_says_the_same(make, text):
    blocks = methods(make("full")).blocks
    said = [markdown(block.html) for block in blocks if block.kind == "prose"][1:]
    assert len(said) >= 8
    assert sum(part in text for part in said) >= len(said) - 1


def test_html_becomes_markdown():
    html = (
        'Of <em>a_b</em> &amp; <code>a_b</code>, <a href="https://x.org">x</a> <a href="#y">y</a>.'
    )
    assert markdown(html) == "Of *a\\_b* & `a_b`, [x](https://x.org) y."
    assert markdown("<strong>Data.</strong> 1 &lt; 2 * 3") == "**Data.** 1 \\< 2 \\* 3"


CPU = {"platform": "cpu", "name": "cpu", "fell_back": "", "batches": 3}
GPU = {"platform": "gpu", "name": "NVIDIA H100", "fell_back": "", "batches": 1}
FELL = CPU | {"fell_back": "no CUDA wheel", "batches": 2}


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        ([CPU], "Posteriors were sampled on the CPU."),
        ([GPU], "Posteriors were sampled on a GPU (NVIDIA H100)."),
        (
            [CPU, FELL, GPU],
            "Posteriors were sampled by 5 jobs on the CPU and 1 job on a GPU (NVIDIA H100). "
            "2 jobs fell back to the CPU, though given a GPU: no CUDA wheel.",
        ),
        ([], ""),
    ],
)
def test_says_what_posteriors_were_sampled_on(make, devices, said):
    data = make("full")
    told = methods_text(replace(data, provenance=data.provenance | {"devices": devices}))
    assert ("Posteriors were sampled" in told) == bool(said)
    assert said in told
