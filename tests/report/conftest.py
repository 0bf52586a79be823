"""The made-up studies, by their names."""

import pytest
from tests.report.studies import STUDIES


@pytest.fixture(scope="session")
def make():
    """Returns a made-up study by its name."""
    return lambda name: STUDIES[name]()
