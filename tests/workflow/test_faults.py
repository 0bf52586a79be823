"""Bad studies and bad disks."""

from tests.workflow.runs import STUDY, make_run


def test_a_bad_study_ends_before_any_job_with_all_its_errors(tmp_path):
    run = make_run(tmp_path, study=STUDY.replace("model: ddm", "model: dmm", 1))
    text = run.study.read_text(encoding="utf-8").replace("trials: 40", "trails: 40")
    run.study.write_text(text, encoding="utf-8")
    told = run(check=False)
    assert "data[0].model" in told
    assert "did you mean 'ddm'" in told
    assert "did you mean 'trials'" in told
    assert "Traceback" not in told
    assert not run.results.exists()


def test_a_truth_that_cannot_be_simulated_is_named(tmp_path):
    slow = STUDY.replace("a: 1.0", "a: 4.0").replace("mu: 0.8, sigma: 0.3", "mu: 0, sigma: 0.01")
    run = make_run(tmp_path, study=slow)
    told = run(check=False)
    assert "reached no bound within 20 s" in told
    assert not list(run.results.rglob("trials-*.parquet"))


def test_results_that_cannot_be_written_are_told_before_any_job(tmp_path):
    run = make_run(tmp_path)
    (tmp_path / "results").write_text("a file where the folder should be", encoding="utf-8")
    told = run(check=False)
    assert "cannot write" in told
    assert "is a file, not a folder" in told
    assert "Traceback" not in told
