from types import SimpleNamespace

import pytest
import xarray as xr

from driftmill.store.trees import write_tree
from driftmill.study import gpus as module
from driftmill.study.gpus import devices, gpus, offered_gpus
from driftmill.study.load import load_study


@pytest.fixture
def study(write, raw):
    def make(platform, refits=10):
        changed = {"sampling": {"platform": platform}, "compare": {"refits": refits}}
        return load_study(write(raw | changed))

    return make


@pytest.mark.parametrize("step", ["fit", "fold", "future", "loo", "integrate"])
def test_jobs_that_sample_ask_for_a_gpu(study, step):
    assert gpus(study("cpu"), step, 4) is None
    assert gpus(study("gpu"), step, 0) == 1
    assert gpus(study("auto"), step, 0) is None
    assert gpus(study("auto"), step, 4) == 1


@pytest.mark.parametrize("step", ["loo", "integrate", "simulate"])
def test_jobs_that_do_not_sample_ask_for_none(study, step):
    assert gpus(study("gpu", refits=0), step, 4) is None


def test_what_a_run_offers_is_known_to_its_jobs(monkeypatch):
    monkeypatch.delenv(module.OFFERED, raising=False)
    assert offered_gpus({}) == 0
    monkeypatch.setenv(module.OFFERED, "0")
    assert offered_gpus({"gpu": SimpleNamespace(value=3)}) == 3
    assert offered_gpus({}) == 3


def test_devices_are_counted(tmp_path):
    cpu = {"asked": "cpu", "platform": "cpu", "name": "cpu", "fell_back": ""}
    gpu = cpu | {"platform": "gpu", "name": "X"}
    files = []
    for number, device in enumerate([cpu, gpu, gpu]):
        files.append(str(tmp_path / f"posterior-{number}.nc"))
        tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"v": ("dataset", [0.0])})})
        sampler = "hmc" if device is gpu else "nuts"
        write_tree(files[-1], tree, {"kind": "posterior", "device": device, "sampler": sampler})
    assert devices(files) == [
        {"platform": "gpu", "name": "X", "fell_back": "", "sampler": "hmc", "batches": 2},
        {"platform": "cpu", "name": "cpu", "fell_back": "", "sampler": "nuts", "batches": 1},
    ]
