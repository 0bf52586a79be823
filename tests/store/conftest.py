"""One provenance for all artifacts of these tests."""

import pytest

from driftmill.store.provenance import provenance


@pytest.fixture
def origin():
    return provenance("s", "0123", "truth", cell="c", batch="0000", seed=3)
