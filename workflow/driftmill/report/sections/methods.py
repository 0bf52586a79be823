"""How the numbers were made, and whom to cite."""

from __future__ import annotations

from markupsafe import Markup, escape

from driftmill.models.sound import NUMPY_KINDS
from driftmill.report.account import (
    SOFTWARE,
    data_told,
    fits_told,
    outcome_told,
    software_told,
)
from driftmill.report.approximate import statement
from driftmill.report.blocks import Block, Bullets, Prose, Section
from driftmill.report.data import ReportData, StudySummary
from driftmill.report.formatting import listed
from driftmill.report.markdown import markdown
from driftmill.sampling.settings import GRADIENT_FREE, PYMC_SAMPLERS, without_gradients

REFERENCES = (
    ("Wilson & Collins 2019", "Ten simple rules for the computational modeling of behavioral data",
     "eLife 8:e49547", "10.7554/eLife.49547"),
    ("Vehtari et al. 2021", "Rank-normalization, folding, and localization: an improved R-hat",
     "Bayesian Analysis 16:667", "10.1214/20-BA1221"),
    ("Vehtari et al. 2017", "Practical Bayesian model evaluation using leave-one-out "
     "cross-validation and WAIC", "Statistics and Computing 27:1413", "10.1007/s11222-016-9696-4"),
    ("Vehtari et al. 2024", "Pareto smoothed importance sampling",
     "Journal of Machine Learning Research 25(72)", ""),
    ("Merkle et al. 2019", "Bayesian comparison of latent variable models: conditional versus "
     "marginal likelihoods", "Psychometrika 84:802", "10.1007/s11336-019-09679-0"),
    ("Yao et al. 2018", "Using stacking to average Bayesian predictive distributions",
     "Bayesian Analysis 13:917", "10.1214/17-BA1091"),
    ("Stephan et al. 2009", "Bayesian model selection for group studies",
     "NeuroImage 46:1004", "10.1016/j.neuroimage.2009.03.025"),
    ("Rigoux et al. 2014", "Bayesian model selection for group studies - revisited",
     "NeuroImage 84:971", "10.1016/j.neuroimage.2013.08.065"),
    ("Sivula et al. 2020", "Uncertainty in Bayesian leave-one-out cross-validation based model "
     "comparison", "arXiv:2008.10296", ""),
    ("Talts et al. 2018", "Validating Bayesian inference algorithms with simulation-based "
     "calibration", "arXiv:1804.06788", ""),
    ("Säilynoja et al. 2022", "Graphical test for discrete uniformity and its applications in "
     "goodness-of-fit evaluation and multiple sample comparison",
     "Statistics and Computing 32:32", "10.1007/s11222-022-10090-6"),
    ("Modrák et al. 2023", "Simulation-based calibration checking for Bayesian computation: the "
     "choice of test quantities shapes sensitivity", "Bayesian Analysis", "10.1214/23-BA1404"),
    ("Schad et al. 2021", "Toward a principled Bayesian workflow in cognitive science",
     "Psychological Methods 26:103", "10.1037/met0000275"),
    ("Gneiting & Raftery 2007", "Strictly proper scoring rules, prediction, and estimation",
     "Journal of the American Statistical Association 102:359", "10.1198/016214506000001437"),
    ("Brown et al. 2001", "Interval estimation for a binomial proportion",
     "Statistical Science 16:101", "10.1214/ss/1009213286"),
    ("Navarro & Fuss 2009", "Fast and accurate calculations for first-passage times in Wiener "
     "diffusion models", "Journal of Mathematical Psychology 53:222", "10.1016/j.jmp.2009.02.003"),
)  # fmt: skip


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

#: What is cited where it was used alone.
KALLIOINEN = (
    "Kallioinen et al. 2024",
    "Detecting and diagnosing prior and likelihood sensitivity with power-scaling",
    "Statistics and Computing 34:57",
    "10.1007/s11222-023-10366-5",
)


CALIBRATION = Markup(
    "<strong>Calibration.</strong> Truths were drawn from the priors of the fit, cut to the "
    "parameters' supports as the fit has them, and ranked among evenly spaced posterior draws, 99 "
    "or half the effective sample size if that is less (Talts et al. 2018); ranks among fewer "
    "draws are spread over the same scale at random. A p-value is twice the smaller of those of "
    "simultaneous bands around the ranks' ECDF (Säilynoja et al. 2022) and of the ranks' mean "
    "squared distance from the middle, both exact. Posteriors that failed and datasets that "
    "could not be simulated are not replaced: p-values at the extremes allow for any ranks of "
    "theirs."
)


NEW_PARTICIPANTS = Markup(
    "<strong>New participants.</strong> At some of the posterior's draws of all that participants "
    "share, the likelihood of a participant's trials together is integrated over that "
    "participant's deviations (Merkle et al. 2019) by importance sampling from a multivariate t "
    "around the regression of the deviations on the shared parameters, mixed with their prior; "
    "then participants are left out by Pareto-smoothed importance sampling over the draws."
)


def paragraphs(data: ReportData) -> list[Markup]:
    """Return the methods, a paragraph each."""
    outcome = outcome_told(data)
    said = [
        data_told(data),
        Markup(
            "<strong>Simulation.</strong> Truths, data and posterior draws follow from the "
            "study's seed, the cell's name and the dataset's number alone, so results do not "
            "depend on batches, cores or the order of the work."
        ),
        fits_told(data),
        Markup("<strong>Fitting.</strong> {}").format(_fitting(data.study)),
        *([] if outcome is None else [outcome]),
        Markup(
            "<strong>Recovery.</strong> Errors are of posterior means; intervals are central. The "
            "z-score is (mean − truth) / sd, contraction is 1 − posterior variance / prior "
            "variance (Schad et al. 2021); proportions carry Jeffreys 95 % intervals (Brown et al. "
            "2001); the interval score is Gneiting and Raftery's (2007)."
        ),
        Markup(
            "<strong>Comparison.</strong> elpd by Pareto-smoothed importance sampling "
            "leave-one-out (Vehtari et al. 2017, 2024), the standard error of a difference from "
            "its trials, weights by stacking and pseudo-BMA+ (Yao et al. 2018). Differences below "
            "4 are not decided, since their error is not well known (Sivula et al. 2020). "
            "Confusion and inversion matrices after Wilson and Collins (2019); random-effects "
            "selection by the variational scheme of Stephan et al. (2009), with the omnibus risk "
            "of Rigoux et al. (2014), elpd standing for log evidence."
        ),
    ]
    if data.has("calibration"):
        said.insert(3, CALIBRATION)
    if data.has("participant_elpd"):
        said.append(NEW_PARTICIPANTS)
    if data.has("quantiles") or data.has("covariate"):
        said.append(CHECKS)
    if data.has("pit"):
        said.append(PIT)
    if data.has("sensitivity"):
        said.append(SENSITIVITY)
    said.append(software_told(data))
    return said


def references(data: ReportData) -> list[Markup]:
    """Return what to cite: the methods, and the software as far as it was used."""
    versions = data.provenance.get("versions") or {}
    software = [source for name, source in SOFTWARE.items() if name in versions]
    items = []
    more = [KALLIOINEN] if data.has("sensitivity") else []
    for authors, title, where, doi in (*REFERENCES, *more, *software):
        link = Markup(' <a href="https://doi.org/{0}">doi:{0}</a>').format(doi) if doi else Markup()
        items.append(Markup("{}. {}. <em>{}</em>.{}").format(authors, title, where, link))
    return items


def methods(data: ReportData) -> Section:
    """Describe the methods, and name whom to cite."""
    intro = Markup(
        'For a paper, as text: <a href="methods.md">methods.md</a>. Of every number, its table '
        "says more."
    )
    blocks: list[Block] = [Prose(text) for text in (intro, *paragraphs(data))]
    return Section("methods", "Methods and references", (*blocks, Bullets(tuple(references(data)))))


def methods_text(data: ReportData) -> str:
    """Return methods and references as Markdown."""
    title = data.study.title or data.study.name
    said = [markdown(text) for text in paragraphs(data)]
    cited = [f"- {markdown(item)}" for item in references(data)]
    head = f"# Methods: {markdown(escape(title))}"
    return "\n\n".join([head, *said, "## References", "\n".join(cited)]) + "\n"


def _fitting(study: StudySummary) -> Markup:
    settings = study.sampling
    if settings.approximate:
        return statement(study)
    through = f" of {settings.sampler} through PyMC" if settings.sampler in PYMC_SAMPLERS else ""
    by = without_gradients(settings.sampler)
    boxes = [fit.name for fit in study.fits if fit.likelihood in NUMPY_KINDS]
    who = f"NUTS{through}" if settings.sampler not in GRADIENT_FREE else f"{by} of PyMC"
    alone = f" (those of {listed(boxes)} by {by} of PyMC)" if boxes else ""
    return Markup(
        "Every posterior was sampled with {} chains of {} draws by {}{}, and gated by "
        "rank-normalised split r_hat, bulk and tail effective sample sizes, divergences, saturated "
        "trees, E-BFMI and Monte-Carlo error (Vehtari et al. 2021)."
    ).format(settings.chains, settings.draws, who, alone)
