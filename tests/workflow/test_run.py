"""The workflow from nothing to its report, again, killed and damaged, in other batches."""

import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from driftmill.store.headers import table_provenance, tree_provenance
from tests.workflow.runs import Run, assert_same_bits

#: Longer than any machine needs to reach the first posterior.
PATIENCE = 600.0


def test_everything_is_made(finished):
    results = finished.results
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "small" in page
    assert "{cell} {x} {wildcards.fit} &lt;results&gt;" in page
    assert list((results / "figures").glob("*.svg"))
    assert list((results / "figures").glob("*.pdf"))
    assert list((results / "tables").glob("*.csv"))
    assert list((results / "tables").glob("*.tex"))
    methods = (results / "methods.md").read_text(encoding="utf-8")
    assert "Fit unbiased: ddm, analytical likelihood" in methods
    assert "6 posteriors passed" in methods
    sketches = pd.read_parquet(results / "sketches.parquet")
    assert set(sketches["dataset"]) == {0, 1, 2}
    assert 'id="explore"' in page
    confusion = pd.read_parquet(results / "comparison" / "confusion.parquet")
    assert set(confusion["verdict"]) >= {"free", "unbiased", "undecided"}
    verdict = pd.read_parquet(results / "recovery" / "verdict.parquet")
    assert set(verdict["parameter"]) == {"v", "a", "z"}


def test_snakemake_packs_the_page_and_what_a_paper_needs(finished):
    finished("--report", "report.zip")
    with zipfile.ZipFile(finished.folder / "report.zip") as packed:
        names = {Path(name).name for name in packed.namelist()}
        index = packed.read("report/report.html").decode()
    results = finished.results
    wanted = [*results.glob("figures/*.svg"), *results.glob("tables/*.csv")]
    assert {"report.html", "methods.md"} | {file.name for file in wanted} <= names
    for said in ("Figures", "Tables", "The methods in words", "Good: points along the dashed"):
        assert said in index


def test_published_numbers_stand_beside_those_of_their_posteriors(finished):
    results = finished.results
    drift, lead = pd.read_parquet(results / "published.parquet").to_dict("records")
    estimates = pd.read_parquet(results / "recovery" / "made" / "free" / "estimates.parquet")
    own = estimates[(estimates["dataset"] == 2) & (estimates["parameter"] == "v")]
    assert drift["ours"] == pytest.approx(own["mean"].item())
    assert drift["sd"] == pytest.approx(own["sd"].item())
    pairs = pd.read_parquet(results / "comparison" / "made" / "pairs.parquet")
    assert lead["ours"] == pairs.set_index("dataset").loc[0, "elpd_diff"]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Beside published numbers" in page


def test_every_artifact_says_where_it_comes_from(finished):
    said = json.loads((finished.results / "provenance.json").read_text(encoding="utf-8"))
    assert said["seed"] == 5
    assert said["costs"]["fit"]["jobs"] == 4
    for file in finished.results.rglob("*.parquet"):
        origin = table_provenance(file)
        assert origin["study_hash"] == said["study_hash"]
        assert origin["versions"]["jax"] == said["versions"]["jax"]
    for file in finished.results.rglob("*.nc"):
        assert tree_provenance(file, "posterior")["study_hash"] == said["study_hash"]


def test_logs_have_a_line_a_posterior(finished):
    text = (finished.results / "logs" / "fit" / "made" / "free" / "0000.log").read_text()
    assert "posterior 1 of 2: dataset 0" in text
    assert "posterior 2 of 2: dataset 1" in text


def test_second_run_does_nothing(finished):
    assert "Nothing to be done" in finished()


def test_a_changed_title_remakes_the_report_alone(finished):
    text = finished.study.read_text(encoding="utf-8")
    finished.study.write_text(text.replace("report:", "report:\n  title: Other"), encoding="utf-8")
    try:
        told = finished("-n")
    finally:
        finished.study.write_text(text, encoding="utf-8")
    assert "rule report" in told
    assert "rule fit" not in told


def test_a_changed_prior_refits(finished):
    text = finished.study.read_text(encoding="utf-8")
    changed = text.replace("    fixed: {t: 0.3}\n", "    fixed: {t: 0.31}\n")
    assert changed != text
    finished.study.write_text(changed, encoding="utf-8")
    try:
        told = finished("-n")
    finally:
        finished.study.write_text(text, encoding="utf-8")
    assert "fit=free" in told
    assert "rule simulate" not in told


def wait_for(pattern: str, run: Run, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file of the results matches, while snakemake is still at work."""
    end = time.monotonic() + PATIENCE
    while not list(run.results.glob(pattern)):
        assert process.poll() is None, "snakemake ended before it could be killed"
        assert time.monotonic() < end, f"{pattern} did not appear"
        time.sleep(0.05)


def test_killed_run_resumes_to_the_same_bits_in_other_batches(finished, new_run):
    run = new_run(batch_size=3)
    process = subprocess.Popen(
        run.command(), env=run.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    # Its scoring began, so Snakemake had taken note of this posterior; others may be in flight.
    wait_for("logs/loo/made/*/*.log", run, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (log, *_) = run.results.glob("logs/loo/made/*/*.log")
    kept = run.results / "fits" / "made" / log.parent.name / f"posterior-{log.stem}.nc"
    stamp = kept.stat().st_mtime_ns
    told = run("--cores", "1", "--omit-from", "report", PYTHONHASHSEED="1")
    assert "killed" in told
    assert kept.stat().st_mtime_ns == stamp, f"{kept} was made twice"
    assert_same_bits(finished.results, run.results)


def test_truncated_and_foreign_files_are_named_and_made_again(finished):
    truncated = finished.results / "comparison" / "made" / "pairs.parquet"
    foreign = finished.results / "comparison" / "inversion.parquet"
    before = truncated.read_bytes()
    truncated.write_bytes(before[: len(before) // 2])
    foreign.write_bytes(b"not ours")
    told = finished("-n")
    assert "would be made again" in told
    assert truncated.exists()
    told = finished()
    assert "results/small/comparison/made/pairs.parquet" in told
    assert "results/small/comparison/inversion.parquet" in told
    assert truncated.read_bytes() == before
    assert "Nothing to be done" in finished()


def test_slurm_profile_loads_and_plans(finished):
    profile = Path(__file__).resolve().parents[2] / "slurm"
    assert profile.is_symlink()
    told = Run(finished.folder, finished.study, extra=("--profile", str(profile)))(
        "-n", "--forceall"
    )
    assert "fit" in told
    assert "dry-run" in told
