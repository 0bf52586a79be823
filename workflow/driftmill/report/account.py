"""What was done in a study, in sentences that can stand in a paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from driftmill.report.data import CellSummary, FitSummary, ReportData
from driftmill.report.formatting import count, listed, plural
from driftmill.sampling.settings import FAILED, SamplingSettings

#: Packages whose versions a paper states, in this order.
STATED = ("driftmill", "pymc", "bambi", "jax", "numpyro", "arviz", "ssm-simulators", "snakemake")
#: What becomes of posteriors that failed.
KEPT = " Those that failed were kept and labelled, and numbers are given with and without them."


def data_told(data: ReportData) -> Markup:
    """Say where the data of every cell come from."""
    return Markup("<strong>Data.</strong> {}").format(" ".join(map(_cell, data.study.cells)))


def fits_told(data: ReportData) -> Markup:
    """Say what every fit assumes, and where its model comes from."""
    return Markup("<strong>Models.</strong> {}").format(" ".join(map(_fit, data.study.fits)))


def outcome_told(data: ReportData) -> Markup | None:
    """Say what a posterior had to pass and how many did; None where no gate was asked."""
    gates, settings = data.table("gates"), data.study.sampling
    if gates.empty or settings.approximate:
        return None
    codes = gates["code"].value_counts()
    retried = int(codes.get("retried_ok", 0))
    lost = [f"{count(codes[code])} {code.replace('_', ' ')}" for code in FAILED if code in codes]
    again = f" ({count(retried)} of them after a retry)" if retried else ""
    failed = f"{count(data.failed)} did not ({listed(lost)})" if lost else "none failed"
    return Markup(
        "<strong>Convergence.</strong> A posterior passed with {}. {} of {} passed{}; {}.{}"
    ).format(
        gates_in_words(settings),
        count(len(gates) - data.failed),
        plural(len(gates), "posterior"),
        again,
        failed,
        KEPT if lost else "",
    )


def software_told(data: ReportData) -> Markup:
    """Say by what the numbers were made, so that they can be made again."""
    versions: Mapping[str, Any] = data.provenance.get("versions") or {}
    stated = [f"{name} {versions[name]}" for name in STATED if name in versions]
    commit = data.provenance.get("git_commit")
    by = f" with {listed(stated)}" if stated else ""
    at = Markup(" at commit <code>{}</code>").format(commit) if commit else Markup()
    return Markup(
        "<strong>Software.</strong> The study <code>{}</code> (hash <code>{}</code>, seed {}) was "
        "run{}{}.{}"
    ).format(data.study.name, data.study.hash[:12], data.study.seed, by, at, _devices(data))


def _devices(data: ReportData) -> str:
    """Say what posteriors were sampled on, and which were to be on a GPU and were not."""
    found = data.provenance.get("devices") or []
    names = {
        (d["platform"], d["name"]): "the CPU" if d["platform"] == "cpu" else f"a GPU ({d['name']})"
        for d in found
    }
    jobs = dict.fromkeys(names, 0)
    for d in found:
        jobs[d["platform"], d["name"]] += d["batches"]
    if not names:
        return ""
    if len(names) == 1:
        told = f" Posteriors were sampled on {listed(list(names.values()))}."
    else:
        shares = [f"{plural(number, 'job')} on {names[key]}" for key, number in jobs.items()]
        told = f" Posteriors were sampled by {listed(shares)}."
    for fell_back in dict.fromkeys(d["fell_back"] for d in found if d["fell_back"]):
        number = sum(d["batches"] for d in found if d["fell_back"] == fell_back)
        told += f" {plural(number, 'job')} fell back to the CPU, though given a GPU: {fell_back}."
    return told


def gates_in_words(settings: SamplingSettings) -> str:
    """Return what a posterior must pass, as a list in words."""
    gates = settings.gates
    return listed(
        [
            f"r_hat ≤ {gates.r_hat:g}",
            f"bulk ESS ≥ {gates.ess_bulk:g}",
            f"tail ESS ≥ {gates.ess_tail:g}",
            f"divergences ≤ {gates.divergences}",
            f"saturated trees ≤ {gates.saturated}",
            f"E-BFMI ≥ {gates.e_bfmi:g}",
            f"Monte-Carlo error of a mean ≤ {gates.mcse_ratio:g} sd",
        ]
    )


def _cell(cell: CellSummary) -> str:
    if cell.observed:
        source = f" ({cell.source})" if cell.source else ""
        return f"Cell {cell.name}: {plural(cell.datasets, 'observed dataset')}{source}."
    size = [
        plural(number, noun)
        for number, noun in ((cell.participants, "participant"), (cell.trials, "trial"))
        if number is not None
    ]
    of = f" of {' of '.join(size)} each" if size else ""
    drawn = [f"{name} ~ {words}" if "(" in words else f"{name} = {words}" for name, words in
             cell.truth.items()]  # fmt: skip
    formulas = f" ({'; '.join(cell.formulas.values())})" if cell.formulas else ""
    lapse = f", with {100 * cell.lapse:g} % of lapses" if cell.lapse else ""
    return (
        f"Cell {cell.name}: {plural(cell.datasets, 'dataset')}{of}, simulated from "
        f"{cell.model}{formulas} with {', '.join(drawn)}{lapse}."
    )


def _fit(fit: FitSummary) -> str:
    kind = (
        f"likelihood of the network {fit.network}"
        if fit.network
        else (f"{fit.likelihood} likelihood")
    )
    parts = [f"Fit {fit.name}: {fit.model}, {kind}"]
    parts += [f"formulas {'; '.join(fit.formulas.values())}"] if fit.formulas else []
    priors = [f"{name} ~ {prior}" for name, prior in fit.priors.items()]
    parts += [f"priors {', '.join(priors)}"] if priors else []
    held = [f"{name} = {value:g}" for name, value in fit.fixed.items()]
    held += [f"{name} from column {column}" for name, column in fit.fixed_columns.items()]
    parts += [f"held {', '.join(held)}"] if held else []
    parts.append(f"share of lapses {fit.p_outlier}")
    source = f" {fit.reference}." if fit.reference else ""
    return f"{'; '.join(parts)}.{source}"
