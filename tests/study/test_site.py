"""What a site says of its cluster."""

import pytest

from driftmill.study.problems import StudyErrors
from driftmill.study.site import VARIABLE, Site, load_site, options_of, site_file, use_site


@pytest.fixture
def site(tmp_path):
    """Return a function from a cluster file's text to what it says."""

    def load(text):
        path = tmp_path / "cluster.yaml"
        path.write_text(text)
        return load_site(path)

    return load


def test_the_file_of_the_project_is_right(project_root):
    assert load_site(project_root / "config" / "cluster.yaml").limits == (1440, 128000)


@pytest.mark.parametrize(
    ("text", "field", "value", "said"),
    [
        ("acount: x", "acount", "'x'", "did you mean 'account'?"),
        ("max_jobs: many", "max_jobs", "'many'", "Jobs in the queue at once"),
        ("max_jobs: 0", "max_jobs", "0", "greater than or equal to 1"),
        ("qos: a b; rm -r /", "qos", "'a b; rm -r /'", "letters, digits"),
        ("partitions: {cpu: {max_runtme: 3}}", "partitions.cpu.max_runtme", "3", "max_runtime"),
        ("partitions: {cpu: {max_runtime: soon}}", "partitions.cpu.max_runtime", "'soon'", "1-12"),
        ("partitions: {cpu: {max_threads: null}}", "partitions.cpu.max_threads", "null", "leave"),
        ("before_each_job: module load x", "before_each_job", "'module load x'", "a list"),
        ('before_each_job: ["a\\nb"]', "before_each_job[0]", "'a\\nb'", "one line"),
        ("", "", "", "begin with `partitions:`"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_remedy(site, text, field, value, said):
    with pytest.raises(StudyErrors) as caught:
        site(text)
    (problem,) = caught.value.problems
    assert problem.file.endswith("cluster.yaml")
    assert (problem.field, problem.value) == (field, value)
    assert said in f"{problem.message} {problem.remedy}"
    assert "cluster file" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("90", 90), ("30:30", 30.5), ("02:00:00", 120), ("1-00:00:00", 1440), ("'2-12'", 3600)],
)
def test_times_are_read_as_the_scheduler_reads_them(site, said, minutes):
    assert site(f"partitions: {{p: {{max_runtime: '{said.strip(chr(39))}'}}}}").limits[0] == minutes


def test_a_partition_without_a_limit_lifts_it(site):
    text = "partitions: {a: {max_runtime: 10, max_mem_mb: 500}, b: {max_runtime: 20}}"
    assert site(text).limits == (20, None)
    assert site("account: x").limits == (None, None)


def test_a_bad_file_ends_the_run_with_its_problems(tmp_path, monkeypatch, capsys):
    file = tmp_path / "cluster.yaml"
    file.write_text("max_jobs: [3]")
    monkeypatch.setenv(VARIABLE, str(file))
    with pytest.raises(SystemExit):
        use_site()
    assert "max_jobs" in capsys.readouterr().err


def test_the_file_of_the_current_folder_comes_before_the_projects(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    elsewhere = site_file()
    assert elsewhere.parts[-2:] == ("config", "cluster.yaml")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "cluster.yaml").write_text("account: x")
    assert site_file() == tmp_path / "config" / "cluster.yaml" != elsewhere


def test_options_that_nobody_said_are_left_out(tmp_path):
    options = options_of(Site(), tmp_path)
    assert options["slurm-partition-config"] is options["slurm-qos"] is None
    assert options["resources"] == {}
    said = options_of(Site(sbatch_options="--exclude=n7", constraint="avx512"), tmp_path)
    assert said["resources"] == {"constraint": "'avx512'", "slurm_extra": "'--exclude=n7'"}
