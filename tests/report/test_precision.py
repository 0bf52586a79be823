import numpy as np
import pytest

from driftmill.report.sections.precision import in_words

ROW = {
    "axis": "trials",
    "smallest": 50,
    "largest": 800,
    "needed": 230.4,
    "needed_lower": 180.2,
    "needed_upper": 300.9,
    "status": "reached",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "about 231 trials (180 to 301)"),
        ({"needed_lower": 50.0}, "about 231 trials (50 or fewer to 301)"),
        ({"needed_lower": np.nan, "needed_upper": np.nan}, "about 231 trials"),
        (
            {"status": "extrapolated", "needed": 1900.0, "needed_upper": np.nan},
            "about 1\u202f900 trials (180 to far more), by the 1/√N law: 800 were not enough",
        ),
        ({"status": "smallest"}, "50 trials are enough, fewer were not studied"),
        ({"status": "beyond", "axis": "participants"}, "not reached with 800 participants"),
    ],
)
def test_numbers_needed_in_words(changes, words):
    assert in_words(ROW | changes) == words
