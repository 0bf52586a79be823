"""The declared columns are those that the rooms below make."""

import pytest

from driftmill.comparison import compare, confusion, loo, participants, refit_tables, selection
from driftmill.recovery import (
    correlations,
    coverage,
    estimates,
    gates,
    point,
    precision,
    published,
    sample_size,
    uncertainty,
    verdict,
)
from driftmill.report import sketches
from driftmill.store.schemas import SCHEMAS

MADE = {
    "comparison": compare.COMPARISON_TYPES,
    "pairs": compare.PAIRS_TYPES,
    "confusion": confusion.CONFUSION_TYPES,
    "inversion": confusion.INVERSION_TYPES,
    "pointwise": loo.POINTWISE_COLUMNS,
    "elpd": loo.ELPD_COLUMNS,
    "participants": participants.PARTICIPANTS_COLUMNS,
    "participant_elpd": participants.PARTICIPANT_ELPD_COLUMNS,
    "participant_comparison": compare.COMPARISON_TYPES,
    "participant_pairs": compare.PAIRS_TYPES,
    "folds": refit_tables.FOLDS_COLUMNS,
    "fold_elpd": refit_tables.FOLD_ELPD_COLUMNS,
    "fold_comparison": compare.COMPARISON_TYPES,
    "fold_pairs": compare.PAIRS_TYPES,
    "fold_selection": selection.SELECTION_TYPES,
    "future": refit_tables.FUTURE_COLUMNS,
    "future_elpd": refit_tables.FUTURE_ELPD_COLUMNS,
    "future_comparison": compare.COMPARISON_TYPES,
    "future_pairs": compare.PAIRS_TYPES,
    "future_selection": selection.SELECTION_TYPES,
    "estimates": estimates.ESTIMATES_TYPES,
    "correlations": correlations.CORRELATIONS_TYPES,
    "gates": gates.GATES_TYPES,
    "point": point.POINT_TYPES,
    "precision": precision.PRECISION_TYPES,
    "sample_sizes": sample_size.SAMPLE_SIZES_TYPES,
    "published": published.PUBLISHED_TYPES,
    "coverage": coverage.COVERAGE_TYPES,
    "uncertainty": uncertainty.UNCERTAINTY_TYPES,
    "verdict": verdict.VERDICT_TYPES,
    "sketches": ("cell", "fit", *sketches.SKETCHES_COLUMNS),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_room_makes_the_columns_that_are_declared(kind):
    assert SCHEMAS[kind].names == list(MADE[kind])


@pytest.mark.parametrize("kind", SCHEMAS)
def test_no_column_is_declared_twice(kind):
    assert len(set(SCHEMAS[kind].names)) == len(SCHEMAS[kind].names)
