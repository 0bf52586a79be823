"""How the numbers were made, and whom to cite."""

from __future__ import annotations

from markupsafe import Markup, escape

from driftmill.models.sound import NUMPY_KINDS
from driftmill.report.account import data_told, fits_told, outcome_told, software_told
from driftmill.report.approximate import statement
from driftmill.report.blocks import Block, Bullets, Prose, Section
from driftmill.report.comparisons import comparisons_told
from driftmill.report.data import ReportData
from driftmill.report.formatting import listed
from driftmill.report.markdown import markdown
from driftmill.report.networks import sentence
from driftmill.report.references import (
    BROWN,
    GNEITING,
    HOFFMAN,
    KALLIOINEN,
    MODRAK,
    SAILYNOJA,
    SCHAD,
    TALTS,
    VEHTARI_LOO,
    VEHTARI_PSIS,
    VEHTARI_R_HAT,
    Told,
    models_of,
    software_of,
)
from driftmill.sampling.settings import GRADIENT_FREE, PYMC_SAMPLERS, without_gradients

SIMULATION = Markup(
    "<strong>Simulation.</strong> Truths, data and posterior draws follow from the study's seed, "
    "the cell's name and the dataset's number alone, so results do not depend on batches, cores or "
    "the order of the work."
)


RECOVERY = Markup(
    "<strong>Recovery.</strong> Errors are of posterior means; intervals are central. The z-score "
    "is (mean − truth) / sd, contraction is 1 − posterior variance / prior variance (Schad et al. "
    "2021); proportions carry Jeffreys 95 % intervals (Brown et al. 2001); the interval score is "
    "Gneiting and Raftery's (2007)."
)

CHECKS = Markup(
    "<strong>Predictive checks.</strong> Predicted numbers are medians and central 90 % intervals "
    "over datasets simulated from posterior draws: quantiles and shares, cumulative distributions "
    "scaled by response probability, response shares in five bins by response time, and shares and "
    "median times in eight bins of a participant's trials. Against covariates, choice "
    "probabilities have "
    "Jeffreys 95 % intervals and median response times the distribution-free interval between two "
    "order statistics that covers at least 95 %; both take trials as independent."
)

PIT = Markup(
    "<strong>LOO-PIT.</strong> For each trial, the probability of a smaller value given all other "
    "trials: from responses simulated from posterior draws, weighted by Pareto-smoothed importance "
    "sampling (Vehtari et al. 2017, 2024), equal values in a random order, with exact "
    "simultaneous bands of independent uniform values (Säilynoja et al. 2022)."
)

SENSITIVITY = Markup(
    "<strong>Prior sensitivity.</strong> By power-scaling with powers of 0.99 and 1.01, from the "
    "cumulative Jensen-Shannon distance of the weighted draws to the draws (Kallioinen et al. "
    "2024), of all priors together that do not depend on other parameters."
)


HMC = (
    "Hamiltonian Monte Carlo with numbers of leapfrog steps fixed beforehand, jittered by a "
    "low-discrepancy sequence (Hoffman, Radul & Sountsov 2021)"
)

NETWORKS = Markup("<strong>Networks.</strong> {}")

CALIBRATION = Markup(
    "<strong>Calibration.</strong> Truths were drawn from the priors of the fit, cut to the "
    "parameters' supports as the fit has them, and ranked among evenly spaced posterior draws, 99 "
    "or half the effective sample size if that is less (Talts et al. 2018); ranks among fewer "
    "draws are spread over the same scale at random. A p-value is twice the smaller of those of "
    "simultaneous bands around the ranks' ECDF (Säilynoja et al. 2022) and of the ranks' mean "
    "squared distance from the middle, both exact. The log likelihood of all trials together is "
    "ranked too (Modrák et al. 2023). Posteriors that failed and datasets that "
    "could not be simulated are not replaced: p-values at the extremes allow for any ranks of "
    "theirs."
)


def paragraphs(data: ReportData) -> list[Told]:
    """Return the methods that the study used, a paragraph each."""
    outcome = outcome_told(data)
    said = [
        Told(data_told(data)),
        Told(SIMULATION),
        *([Told(CALIBRATION, (TALTS, SAILYNOJA, MODRAK))] if data.has("calibration") else []),
        Told(fits_told(data), models_of(data)),
        *([Told(NETWORKS.format(_networks(data)))] if data.study.networks else []),
        _fitting(data),
        *([] if outcome is None else [Told(outcome)]),
        *([Told(RECOVERY, (SCHAD, BROWN, GNEITING))] if data.has("point") else []),
        *comparisons_told(data),
    ]
    if data.has("quantiles") or data.has("covariate"):
        said.append(Told(CHECKS, (BROWN,) if data.has("covariate") else ()))
    if data.has("pit"):
        said.append(Told(PIT, (VEHTARI_LOO, VEHTARI_PSIS, SAILYNOJA)))
    if data.has("sensitivity"):
        said.append(Told(SENSITIVITY, (KALLIOINEN,)))
    return [*said, Told(software_told(data), software_of(data))]


def references(data: ReportData) -> list[Markup]:
    """Return what to cite, in the order of the paragraphs."""
    papers = (paper for told in paragraphs(data) for paper in told.papers)
    return [paper.html for paper in dict.fromkeys(papers)]


def methods(data: ReportData) -> Section:
    """Describe the methods, and name whom to cite."""
    intro = Markup(
        'For a paper, as text: <a href="methods.md">methods.md</a>. Of every number, its table '
        "says more."
    )
    blocks: list[Block] = [Prose(intro), *(Prose(told.html) for told in paragraphs(data))]
    return Section("methods", "Methods and references", (*blocks, Bullets(tuple(references(data)))))


def methods_text(data: ReportData) -> str:
    """Return methods and references as Markdown."""
    title = data.study.title or data.study.name
    said = [markdown(told.html) for told in paragraphs(data)]
    cited = [f"- {markdown(item)}" for item in references(data)]
    head = f"# Methods: {markdown(escape(title))}"
    return "\n\n".join([head, *said, "## References", "\n".join(cited)]) + "\n"


def _networks(data: ReportData) -> Markup:
    """Say of every network how accurate it is, and how many draws left its box."""
    said = [sentence(network) for network in data.study.networks]
    edges = data.table("edges")
    if not edges.empty:
        share = Markup("Of all draws {:.2g} % lay beyond the box of their network.")
        said.append(share.format(100 * edges["beyond"].mean()))
    return Markup(" ").join(said)


def _fitting(data: ReportData) -> Told:
    study = data.study
    settings = study.sampling
    title = Markup("<strong>Fitting.</strong> {}")
    if settings.approximate:
        return Told(title.format(statement(study)))
    through = f" of {settings.sampler} through PyMC" if settings.sampler in PYMC_SAMPLERS else ""
    by = without_gradients(settings.sampler)
    boxes = [fit.name for fit in study.fits if fit.likelihood in NUMPY_KINDS]
    who = f"NUTS{through}" if settings.sampler not in GRADIENT_FREE else f"{by} of PyMC"
    ran = {d.get("sampler", "") for d in data.provenance.get("devices") or []} - {*GRADIENT_FREE}
    fixed = settings.sampler == "hmc" or "hmc" in ran
    if fixed:
        who = HMC if ran <= {"hmc"} else f"{who}, on GPUs by {HMC}"
    alone = f" (those of {listed(boxes)} by {by} of PyMC)" if boxes else ""
    text = Markup(
        "Every posterior was sampled with {} chains of {} draws by {}{}, and gated by "
        "rank-normalised split r_hat, bulk and tail effective sample sizes, divergences, saturated "
        "trees, E-BFMI and Monte-Carlo error (Vehtari et al. 2021)."
    ).format(settings.chains, settings.draws, who, alone)
    return Told(title.format(text), (*([HOFFMAN] if fixed else []), VEHTARI_R_HAT))
