"""Where every artifact of a study lies; pure functions of names, so wildcards may stand in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paths:
    """Paths of one study's artifacts.

    Every argument may be a name or a wildcard of Snakemake:
    ``Paths("demo").trials("{cell}", "{batch}")``.

    Parameters
    ----------
    study
        The study's name.
    results
        The folder of all studies.
    """

    study: str
    results: str = "results"

    @property
    def root(self) -> str:
        """The study's own folder."""
        return f"{self.results}/{self.study}"

    def trials(self, cell: str, batch: str) -> str:
        """Return the path of trials of a batch."""
        return f"{self.root}/data/{cell}/trials-{batch}.parquet"

    def truth(self, cell: str, batch: str) -> str:
        """Return the path of parameters that a batch was simulated from."""
        return f"{self.root}/data/{cell}/truth-{batch}.parquet"

    def datasets(self, cell: str, batch: str) -> str:
        """Return the path of what the datasets of a batch are called in the user's file."""
        return f"{self.root}/data/{cell}/datasets-{batch}.parquet"

    def posterior(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of posteriors of a fit on a batch."""
        return f"{self.root}/fits/{cell}/{fit}/posterior-{batch}.nc"

    def model_graph(self, cell: str, fit: str) -> str:
        """Return the path of the picture of a fit's model."""
        return f"{self.root}/fits/{cell}/{fit}/model.svg"

    def model_summary(self, cell: str, fit: str) -> str:
        """Return the path of a fit in words."""
        return f"{self.root}/fits/{cell}/{fit}/model.txt"

    def pointwise(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of expected log predictive density of each trial."""
        return f"{self.root}/loo/{cell}/{fit}/pointwise-{batch}.parquet"

    def elpd(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of expected log predictive density of each dataset."""
        return f"{self.root}/loo/{cell}/{fit}/elpd-{batch}.parquet"

    def participants(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of expected log predictive density of each participant left out."""
        return f"{self.root}/loo/{cell}/{fit}/participants-{batch}.parquet"

    def participant_elpd(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of the same of each dataset, over its participants."""
        return f"{self.root}/loo/{cell}/{fit}/participant_elpd-{batch}.parquet"

    def folds(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of log predictive density of each participant, by refits without."""
        return f"{self.root}/loo/{cell}/{fit}/folds-{batch}.parquet"

    def fold_elpd(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of the same of each dataset, over its participants."""
        return f"{self.root}/loo/{cell}/{fit}/fold_elpd-{batch}.parquet"

    def future(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of log predictive density of each block of later trials."""
        return f"{self.root}/loo/{cell}/{fit}/future-{batch}.parquet"

    def future_elpd(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of the same of each dataset, over its blocks."""
        return f"{self.root}/loo/{cell}/{fit}/future_elpd-{batch}.parquet"

    def comparison(self, cell: str) -> str:
        """Return the path of the fits of each dataset in order."""
        return f"{self.root}/comparison/{cell}/comparison.parquet"

    def pairs(self, cell: str) -> str:
        """Return the path of differences of each pair of fits on each dataset."""
        return f"{self.root}/comparison/{cell}/pairs.parquet"

    def participant_comparison(self, cell: str) -> str:
        """Return the path of the fits of each dataset in order, by new participants."""
        return f"{self.root}/comparison/{cell}/participant_comparison.parquet"

    def participant_pairs(self, cell: str) -> str:
        """Return the path of differences of each pair of fits, by new participants."""
        return f"{self.root}/comparison/{cell}/participant_pairs.parquet"

    def selection(self, cell: str) -> str:
        """Return the path of how frequent each fit's model is among participants."""
        return f"{self.root}/comparison/{cell}/selection.parquet"

    def participant_selection(self, cell: str) -> str:
        """Return the path of the same, by new participants."""
        return f"{self.root}/comparison/{cell}/participant_selection.parquet"

    def fold_comparison(self, cell: str) -> str:
        """Return the path of the fits of each dataset in order, by K-fold over participants."""
        return f"{self.root}/comparison/{cell}/fold_comparison.parquet"

    def fold_pairs(self, cell: str) -> str:
        """Return the path of differences of each pair of fits, by K-fold over participants."""
        return f"{self.root}/comparison/{cell}/fold_pairs.parquet"

    def fold_selection(self, cell: str) -> str:
        """Return the path of how frequent each fit's model is, by K-fold over participants."""
        return f"{self.root}/comparison/{cell}/fold_selection.parquet"

    def future_comparison(self, cell: str) -> str:
        """Return the path of the fits of each dataset in order, by later trials."""
        return f"{self.root}/comparison/{cell}/future_comparison.parquet"

    def future_pairs(self, cell: str) -> str:
        """Return the path of differences of each pair of fits, by later trials."""
        return f"{self.root}/comparison/{cell}/future_pairs.parquet"

    def future_selection(self, cell: str) -> str:
        """Return the path of how frequent each fit's model is, by later trials."""
        return f"{self.root}/comparison/{cell}/future_selection.parquet"

    @property
    def confusion(self) -> str:
        """Verdicts given the generator."""
        return f"{self.root}/comparison/confusion.parquet"

    @property
    def inversion(self) -> str:
        """Generators given the verdict."""
        return f"{self.root}/comparison/inversion.parquet"

    def estimates(self, cell: str, fit: str) -> str:
        """Return the path of posterior summaries beside the truths."""
        return f"{self.root}/recovery/{cell}/{fit}/estimates.parquet"

    def correlations(self, cell: str, fit: str) -> str:
        """Return the path of posterior correlations of each pair of parameters."""
        return f"{self.root}/recovery/{cell}/{fit}/correlations.parquet"

    def ranks(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of the truths' ranks among the posterior draws of a batch."""
        return f"{self.root}/recovery/{cell}/{fit}/ranks-{batch}.parquet"

    def sensitivity(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of what stronger or weaker priors would do to a batch's posteriors."""
        return f"{self.root}/recovery/{cell}/{fit}/sensitivity-{batch}.parquet"

    def gates(self, cell: str, fit: str) -> str:
        """Return the path of diagnostics and result code of each posterior."""
        return f"{self.root}/recovery/{cell}/{fit}/gates.parquet"

    def edges(self, cell: str, fit: str) -> str:
        """Return the path of how many draws of each posterior lie beyond a network's box."""
        return f"{self.root}/recovery/{cell}/{fit}/edges.parquet"

    def recovery(self, table: str) -> str:
        """Return the path of a table over the study: point, coverage, verdict, precision, ..."""
        return f"{self.root}/recovery/{table}.parquet"

    @property
    def published(self) -> str:
        """Published numbers beside those of the study's fits."""
        return f"{self.root}/published.parquet"

    def quantiles(self, cell: str, fit: str) -> str:
        """Return the path of posterior predictive checks of response shares and RT quantiles."""
        return f"{self.root}/predictive/{cell}/{fit}/quantiles.parquet"

    def covariate(self, cell: str, fit: str) -> str:
        """Return the path of posterior predictive checks against the fit's covariates."""
        return f"{self.root}/predictive/{cell}/{fit}/covariate.parquet"

    def curves(self, cell: str, fit: str) -> str:
        """Return the path of posterior predictive checks of whole curves."""
        return f"{self.root}/predictive/{cell}/{fit}/curves.parquet"

    def pit(self, cell: str, fit: str, batch: str) -> str:
        """Return the path of leave-one-out probability integral transforms of a batch in bins."""
        return f"{self.root}/predictive/{cell}/{fit}/pit-{batch}.parquet"

    def prior_quantiles(self, cell: str, fit: str) -> str:
        """Return the path of prior predictive checks of response shares and RT quantiles."""
        return f"{self.root}/predictive/{cell}/{fit}/prior_quantiles.parquet"

    def figure(self, name: str, kind: str = "svg") -> str:
        """Return the path of a figure of the report."""
        return f"{self.root}/figures/{name}.{kind}"

    @property
    def figures(self) -> str:
        """The folder of figures."""
        return f"{self.root}/figures"

    @property
    def tables(self) -> str:
        """The folder of the report's tables as CSV."""
        return f"{self.root}/tables"

    @property
    def report(self) -> str:
        """The page."""
        return f"{self.root}/report.html"

    @property
    def sketches(self) -> str:
        """Posteriors made small, from which the page draws the dataset that is picked."""
        return f"{self.root}/sketches.parquet"

    @property
    def methods(self) -> str:
        """The methods in words, for a paper."""
        return f"{self.root}/methods.md"

    @property
    def provenance(self) -> str:
        """What the results were made from and with."""
        return f"{self.root}/provenance.json"

    def checkpoint(self, step: str, *parts: str) -> str:
        """Return the folder in which a long job keeps its state until it is done."""
        return f"{self.root}/checkpoints/{'.'.join([step, *parts])}"

    def log(self, step: str, *parts: str) -> str:
        """Return the path of the log of a job."""
        return "/".join([self.root, "logs", step, *parts]) + ".log"

    @property
    def benchmarks(self) -> str:
        """The folder of the times and memory of all jobs."""
        return f"{self.root}/benchmarks"

    def benchmark(self, step: str, *parts: str) -> str:
        """Return the path of the time and memory of a job, as Snakemake measures them."""
        return "/".join([self.root, "benchmarks", step, *parts]) + ".tsv"
