"""Nodes without a network: a whole study runs with the network cut, so nothing is fetched."""

import subprocess
import sys

import pytest

from tests.workflow.runs import CUT, Run


def test_a_study_runs_to_its_end_without_a_network(finished: Run) -> None:
    if not finished.cut:
        pytest.skip("this machine lets nobody cut a process from the network: unshare -rn fails")
    assert (finished.results / "report.html").is_file()


def test_what_is_cut_reaches_nothing(finished: Run) -> None:
    if not finished.cut:
        pytest.skip("this machine lets nobody cut a process from the network: unshare -rn fails")
    code = (
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(server.getsockname(), timeout=5)"
    )
    inside = subprocess.run([*CUT, sys.executable, "-c", code], capture_output=True, text=True)
    assert "Network is unreachable" in inside.stderr
    subprocess.run([sys.executable, "-c", code], check=True)
