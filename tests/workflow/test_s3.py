"""Results on S3-compatible storage: the small study against a server on this machine."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.runs import Run, make_run, tables

boto3 = pytest.importorskip("boto3", reason="needs envs/s3.txt and moto[server]")
pytest.importorskip("snakemake_storage_plugin_s3", reason="needs envs/s3.txt")
pytest.importorskip("moto.server", reason="needs moto[server]: a server to test against")
pytestmark = pytest.mark.long
KEYS = ("testing", "testing")
STUDY = """\
study: small
seed: 5
data:
  - {name: made, model: ddm, truth: {v: 0.8, a: 1.0, z: 0.5, t: 0.3}, trials: 30, datasets: 2}
  - {name: seen, path: DATA}
fits:
  - {name: free, model: ddm, fixed: {t: 0.2, z: 0.5}, p_outlier: 0}
sampling: {sampler: map}
compare: {enabled: false}
report: {explore: 0, predictive: {data: none, prior: false}}
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of this test's own, with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=log,
        stderr=log,
    )
    try:
        end = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def bucket(endpoint: str):
    """Return an empty bucket."""
    keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), KEYS, strict=True))
    storage = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    found = storage.Bucket("studies")
    found.create()
    yield found
    found.objects.delete()
    found.delete()


def stored(run: Run, endpoint: str) -> Run:
    """Return a run whose results go to the bucket."""
    options = (
        *("--default-storage-provider", "s3", "--default-storage-prefix", "s3://studies"),
        *("--storage-s3-endpoint-url", endpoint),
        *("--storage-s3-access-key", KEYS[0], "--storage-s3-secret-key", KEYS[1]),
    )
    return replace(run, extra=options)


def fetched(bucket, folder: Path) -> Path:
    """Fetch all objects of a bucket into a folder."""
    for item in bucket.objects.all():
        path = folder / item.key
        path.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(item.key, str(path))
    return folder / "results" / "small"


def test_a_study_on_storage_ends_as_on_a_disk(bucket, endpoint, tmp_path):
    trials = pd.DataFrame(
        {"rt": [0.4 + 0.02 * k for k in range(32)], "response": [1, -1, 1, 1] * 8}
    )
    trials.to_csv(tmp_path / "seen.csv", index=False)
    text = STUDY.replace("DATA", str(tmp_path / "seen.csv"))
    disk = make_run(tmp_path / "disk", study=text)
    disk()
    storage = stored(make_run(tmp_path / "storage", study=text), endpoint)
    storage()
    results = fetched(bucket, tmp_path / "fetched")
    expected, found = tables(disk.results), tables(results)
    assert found.keys() == expected.keys()
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(frame, found[name], check_exact=True, obj=name)
    assert "small" in (results / "report.html").read_text(encoding="utf-8")
    assert list((results / "figures").glob("*.svg"))
    assert list((results / "logs").rglob("fit/*/*/*.log"))
    assert json.loads((results / "provenance.json").read_text())["costs"]["fit"]["jobs"] == 2
    assert not list(storage.results.rglob("*.parquet"))
    assert "Nothing to be done" in storage()
