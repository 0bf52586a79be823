"""Files of models that a study names, through the real workflow: with and without trust."""

from dataclasses import replace
from pathlib import Path

from tests.workflow.runs import STUDY, Run

OWN = """
from dataclasses import replace
from driftmill.models.extend import find_model, register

register(replace(find_model("ddm"), name="mine"))
open({mark!r}, "a").write("ran\\n")
"""


def run_of(folder: Path) -> Run:
    """Write a study of a model of its own into a folder."""
    (folder / "mine.py").write_text(OWN.format(mark=str(folder / "mark")), encoding="utf-8")
    text = STUDY.replace("model: ddm", "model: mine").replace("BATCH", "3")
    study = folder / "small.yaml"
    study.write_text(f"models: [mine.py]\n{text}", encoding="utf-8")
    return Run(folder, study)


def test_without_trust_no_file_runs_and_no_job_starts(tmp_path):
    run = replace(run_of(tmp_path), config=("trust=other.py",))
    told = run(check=False)
    assert "models[0]" in told
    assert "--config trust=true" in told
    assert "Traceback" not in told
    assert not (tmp_path / "mark").exists()
    assert not run.results.exists()


def test_jobs_are_trusted_as_the_run_is(tmp_path):
    run = replace(run_of(tmp_path), config=("trust=[mine.py]",))
    run("--until", "simulate")
    assert list(run.results.glob("data/made/trials-*.parquet"))
    # The run itself, and the job in a process of its own.
    assert (tmp_path / "mark").read_text(encoding="utf-8").count("ran") == 2
