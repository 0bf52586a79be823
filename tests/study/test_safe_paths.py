"""Paths as jobs see them, on a disk and where results go to storage."""

import pytest

from driftmill.study.safe_paths import local_results, strange_signs


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        (["results/s/data/c/trials-0000.parquet"], "results"),
        ([".snakemake/storage/s3/b/results/s/provenance.json"], ".snakemake/storage/s3/b/results"),
        (["elsewhere/x", "/tmp/9/results/s/report.html"], "/tmp/9/results"),
        ([], "results"),
    ],
)
def test_a_job_finds_the_results_where_its_outputs_are(outputs, found):
    assert local_results("results", "s", outputs) == found


def test_results_elsewhere_stay_there():
    outputs = ["/scratch/all/s/report.html"]
    assert local_results("/scratch/all", "s", outputs) == "/scratch/all"


@pytest.mark.parametrize("path", ["a b.csv", "/data/Müller, 2024 (1).csv", "C&A's $5.csv", "é"])
def test_other_signs_may_stand_in_paths(path):
    assert strange_signs(path) is None
