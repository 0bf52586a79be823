"""Whom to cite, and when: a paper stands in the list where its method was used."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from driftmill.report.data import ReportData
from driftmill.sampling.settings import Sampler


class Reference(NamedTuple):
    """A paper.

    Parameters
    ----------
    authors
        With the year, as the text cites it.
    title, where
        Its title; journal, volume and first page.
    doi
        Empty where it has none.
    """

    authors: str
    title: str
    where: str
    doi: str = ""

    @property
    def html(self) -> Markup:
        """The paper as an entry of a list of references."""
        link = Markup(' <a href="https://doi.org/{0}">doi:{0}</a>').format(self.doi)
        entry = Markup("{}. {}. <em>{}</em>.{}")
        return entry.format(self.authors, self.title, self.where, link if self.doi else "")


class Told(NamedTuple):
    """A paragraph of the methods, and the papers behind what it says."""

    html: Markup
    papers: tuple[Reference, ...] = ()


WILSON = Reference(
    "Wilson & Collins 2019", "Ten simple rules for the computational modeling of behavioral data",
    "eLife 8:e49547", "10.7554/eLife.49547",
)  # fmt: skip
VEHTARI_R_HAT = Reference(
    "Vehtari et al. 2021", "Rank-normalization, folding, and localization: an improved R-hat",
    "Bayesian Analysis 16:667", "10.1214/20-BA1221",
)  # fmt: skip
HOFFMAN = Reference(
    "Hoffman, Radul & Sountsov 2021", "An adaptive-MCMC scheme for setting trajectory lengths in "
    "Hamiltonian Monte Carlo", "Proceedings of Machine Learning Research 130:3907",
)  # fmt: skip
VEHTARI_LOO = Reference(
    "Vehtari et al. 2017", "Practical Bayesian model evaluation using leave-one-out "
    "cross-validation and WAIC", "Statistics and Computing 27:1413", "10.1007/s11222-016-9696-4",
)  # fmt: skip
VEHTARI_PSIS = Reference(
    "Vehtari et al. 2024", "Pareto smoothed importance sampling",
    "Journal of Machine Learning Research 25(72)",
)  # fmt: skip
MERKLE = Reference(
    "Merkle et al. 2019", "Bayesian comparison of latent variable models: conditional versus "
    "marginal likelihoods", "Psychometrika 84:802", "10.1007/s11336-019-09679-0",
)  # fmt: skip
PAANANEN = Reference(
    "Paananen et al. 2021", "Implicitly adaptive importance sampling",
    "Statistics and Computing 31:16", "10.1007/s11222-020-09982-2",
)  # fmt: skip
MENG = Reference(
    "Meng & Wong 1996", "Simulating ratios of normalizing constants via a simple identity",
    "Statistica Sinica 6:831",
)  # fmt: skip
BURKNER = Reference(
    "Bürkner et al. 2020", "Approximate leave-future-out cross-validation for Bayesian time series "
    "models", "Journal of Statistical Computation and Simulation 90:2499",
    "10.1080/00949655.2020.1783262",
)  # fmt: skip
KALLIOINEN = Reference(
    "Kallioinen et al. 2024", "Detecting and diagnosing prior and likelihood sensitivity with "
    "power-scaling", "Statistics and Computing 34:57", "10.1007/s11222-023-10366-5",
)  # fmt: skip
YAO = Reference(
    "Yao et al. 2018", "Using stacking to average Bayesian predictive distributions",
    "Bayesian Analysis 13:917", "10.1214/17-BA1091",
)  # fmt: skip
STEPHAN = Reference(
    "Stephan et al. 2009", "Bayesian model selection for group studies",
    "NeuroImage 46:1004", "10.1016/j.neuroimage.2009.03.025",
)  # fmt: skip
RIGOUX = Reference(
    "Rigoux et al. 2014", "Bayesian model selection for group studies - revisited",
    "NeuroImage 84:971", "10.1016/j.neuroimage.2013.08.065",
)  # fmt: skip
SIVULA = Reference(
    "Sivula et al. 2020", "Uncertainty in Bayesian leave-one-out cross-validation based model "
    "comparison", "arXiv:2008.10296",
)  # fmt: skip
TALTS = Reference(
    "Talts et al. 2018", "Validating Bayesian inference algorithms with simulation-based "
    "calibration", "arXiv:1804.06788",
)  # fmt: skip
SAILYNOJA = Reference(
    "Säilynoja et al. 2022", "Graphical test for discrete uniformity and its applications in "
    "goodness-of-fit evaluation and multiple sample comparison",
    "Statistics and Computing 32:32", "10.1007/s11222-022-10090-6",
)  # fmt: skip
MODRAK = Reference(
    "Modrák et al. 2023", "Simulation-based calibration checking for Bayesian computation: the "
    "choice of test quantities shapes sensitivity", "Bayesian Analysis", "10.1214/23-BA1404",
)  # fmt: skip
SCHAD = Reference(
    "Schad et al. 2021", "Toward a principled Bayesian workflow in cognitive science",
    "Psychological Methods 26:103", "10.1037/met0000275",
)  # fmt: skip
GNEITING = Reference(
    "Gneiting & Raftery 2007", "Strictly proper scoring rules, prediction, and estimation",
    "Journal of the American Statistical Association 102:359", "10.1198/016214506000001437",
)  # fmt: skip
BROWN = Reference(
    "Brown et al. 2001", "Interval estimation for a binomial proportion",
    "Statistical Science 16:101", "10.1214/ss/1009213286",
)  # fmt: skip
NAVARRO = Reference(
    "Navarro & Fuss 2009", "Fast and accurate calculations for first-passage times in Wiener "
    "diffusion models", "Journal of Mathematical Psychology 53:222", "10.1016/j.jmp.2009.02.003",
)  # fmt: skip
SNAKEMAKE = Reference(
    "Mölder et al. 2021", "Sustainable data analysis with Snakemake",
    "F1000Research 10:33", "10.12688/f1000research.29032.2",
)  # fmt: skip
PYMC = Reference(
    "Abril-Pla et al. 2023", "PyMC: a modern, and comprehensive probabilistic programming "
    "framework in Python", "PeerJ Computer Science 9:e1516", "10.7717/peerj-cs.1516",
)  # fmt: skip
BAMBI = Reference(
    "Capretto et al. 2022", "Bambi: a simple interface for fitting Bayesian linear models in "
    "Python", "Journal of Statistical Software 103(15)", "10.18637/jss.v103.i15",
)  # fmt: skip
ARVIZ = Reference(
    "Kumar et al. 2019", "ArviZ a unified library for exploratory analysis of Bayesian models "
    "in Python", "Journal of Open Source Software 4:1143", "10.21105/joss.01143",
)  # fmt: skip
NUMPYRO = Reference(
    "Phan et al. 2019", "Composable effects for flexible and accelerated probabilistic "
    "programming in NumPyro", "arXiv:1912.11554",
)  # fmt: skip

#: Software by the package whose version is stated.
SOFTWARE = {
    "snakemake": SNAKEMAKE,
    "pymc": PYMC,
    "bambi": BAMBI,
    "arviz": ARVIZ,
    "numpyro": NUMPYRO,
}
#: Samplers that run NumPyro's code.
BY_NUMPYRO: tuple[Sampler, ...] = ("nuts", "hmc", "numpyro", "advi")


def software_of(data: ReportData) -> tuple[Reference, ...]:
    """Return the software that a study ran and whose version is known."""
    versions = data.provenance.get("versions") or {}
    used = [name for name in SOFTWARE if name in versions]
    if data.study.sampling.sampler not in BY_NUMPYRO:
        used = [name for name in used if name != "numpyro"]
    return tuple(SOFTWARE[name] for name in used)


def models_of(data: ReportData) -> tuple[Reference, ...]:
    """Return the papers behind the densities of the study's models, as far as they are listed."""
    told = " ".join(fit.reference for fit in data.study.fits)
    return (NAVARRO,) if "Navarro & Fuss" in told else ()
