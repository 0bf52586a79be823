"""The profiles: one configuration each, no option that Snakemake would drop without a word."""

from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser

ROOT = Path(__file__).resolve().parents[1]
PROFILES = sorted(path for path in (ROOT / "workflow" / "profiles").iterdir() if path.is_dir())


def known_options() -> set[str]:
    parser = get_argument_parser()
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.name)
def test_a_profile_has_one_configuration_with_known_options(profile: Path) -> None:
    assert [path.name for path in profile.glob("config*")] == ["config.yaml"]
    config = yaml.safe_load((profile / "config.yaml").read_text())
    assert {f"--{key}" for key in config} <= known_options()
    beside = [v for v in config.values() if isinstance(v, str) and v.endswith(".yaml")]
    assert [name for name in beside if not (profile / name).is_file()] == []


def test_the_slurm_profile_is_found_from_the_root() -> None:
    assert (ROOT / "slurm").is_symlink()
    assert (ROOT / "slurm").resolve() == ROOT / "workflow" / "profiles" / "slurm"


def test_jobs_that_ask_for_a_gpu_have_a_partition() -> None:
    partitions = yaml.safe_load((ROOT / "slurm" / "partitions.yaml").read_text())["partitions"]
    assert [name for name, limits in partitions.items() if limits.get("max_gpu", 0) > 0] == ["gpu"]
    assert any(limits.get("max_gpu", 0) == 0 for limits in partitions.values())
