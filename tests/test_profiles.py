"""The profiles: one configuration each, no option that Snakemake would drop without a word."""

import shutil
from pathlib import Path

import pytest
import yte
from snakemake.cli import get_argument_parser
from snakemake_executor_plugin_slurm.partitions import read_partition_file

from driftmill.study.site import load_site

ROOT = Path(__file__).resolve().parents[1]
PROFILES = sorted(path for path in (ROOT / "workflow" / "profiles").iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def _no_test_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the site's file that a test cluster in this process named."""
    monkeypatch.delenv("DRIFTMILL_CLUSTER", raising=False)


def known_options() -> set[str]:
    parser = get_argument_parser()
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.name)
def test_a_profile_has_one_configuration_with_known_options(profile: Path) -> None:
    assert [path.name for path in profile.glob("config*")] == ["config.yaml"]
    config = yte.process_yaml((profile / "config.yaml").read_text(), require_use_yte=True)
    assert {f"--{key}" for key in config} <= known_options()
    files = [v for v in config.values() if isinstance(v, str) and v.endswith(".yaml")]
    assert [name for name in files if not (profile / name).is_file()] == []


def test_the_slurm_profile_is_found_from_the_root() -> None:
    assert (ROOT / "slurm").is_symlink()
    assert (ROOT / "slurm").resolve() == ROOT / "workflow" / "profiles" / "slurm"


def test_jobs_that_ask_for_a_gpu_have_a_partition():
    partitions = load_site(ROOT / "config" / "cluster.yaml").partitions
    assert [name for name, limits in partitions.items() if limits.max_gpu > 0] == ["gpu"]
    assert any(limits.max_gpu == 0 for limits in partitions.values())


def test_the_executor_reads_the_partitions_of_a_site():
    read = read_partition_file(ROOT / "config" / "cluster.yaml")
    assert [(p.name, p.limits.max_runtime, p.limits.max_gpu) for p in read] == [
        ("cpu", 1440, 0),
        ("gpu", 1440, 4),
    ]


def test_what_a_site_says_becomes_options(tmp_path, monkeypatch):
    file = tmp_path / "mine.yaml"
    file.write_text("account: '12'\nqos: short\nmax_jobs: 7\nsubmit_rate: 0.5\n")
    monkeypatch.setenv("DRIFTMILL_CLUSTER", str(file))
    parser = get_argument_parser(profiles=[str(ROOT / "slurm")])
    args = parser.parse_args([])
    assert (args.jobs, args.slurm_qos) == (7, "short")
    assert not isinstance(args.slurm_partition_config, Path)
    assert (args.max_jobs_per_timespan.max_jobs, args.max_jobs_per_timespan.timespan) == (1, 2)
    assert args.max_threads is None
    given = args.default_resources
    assert given["slurm_account"].raw == "'12'"
    assert {"mem_mb", "runtime"} <= set(given)


def test_a_profile_copied_for_the_user_finds_the_site(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "workflow" / "profiles" / "slurm", tmp_path / "snakemake" / "slurm")
    monkeypatch.chdir(tmp_path)
    parser = get_argument_parser(profiles=[str(tmp_path / "snakemake" / "slurm")])
    args = parser.parse_args([])
    assert args.slurm_partition_config == ROOT / "config" / "cluster.yaml"
    assert args.max_threads == 32
