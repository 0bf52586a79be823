"""Tests that share a fixture share a process, or all that is dear would be made twice."""

import pytest


def test_a_file_goes_to_one_process(request):
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("the tests run in one process")
    mark = request.node.get_closest_marker("xdist_group")
    assert mark.args == ("tests/test_processes.py",)
    assert request.node.nodeid.endswith("@tests/test_processes.py")
