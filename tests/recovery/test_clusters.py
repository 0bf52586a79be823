import numpy as np
import pytest

from driftmill.recovery.clusters import dataset_means, effective_n

pytestmark = pytest.mark.filterwarnings("error")


def clustered(rng, clusters, size, shared):
    """Values of unit variance, of which a share is common to a dataset."""
    common = np.repeat(rng.normal(size=clusters), size)
    own = rng.normal(size=clusters * size)
    values = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
    return values, np.repeat(np.arange(clusters), size)


def test_means_of_datasets():
    means = dataset_means(np.array([1.0, 5.0, 3.0, 7.0]), np.array([9, 2, 9, 2]))
    assert means.tolist() == [2.0, 6.0]


def test_one_row_a_dataset_counts_whole():
    values = np.random.default_rng(1).normal(size=30)
    assert effective_n(values, np.arange(30)) == 30.0


@pytest.mark.parametrize("shared", [0.0, 0.2, 0.8])
def test_the_design_effect_of_many_datasets(shared):
    """Kish (1965): n / (1 + (size - 1) shared), here with the worst case mixed in by 1/400."""
    values, datasets = clustered(np.random.default_rng(2), 400, 10, shared)
    seen, worst = 1 + 9 * shared, 10.0
    expected = 4000 / ((1 - 1 / 400) * seen + worst / 400)
    # The variance among 400 datasets is known to about 7 %.
    assert effective_n(values, datasets) == pytest.approx(expected, rel=0.2)


def test_one_dataset_counts_once_and_few_count_little():
    rng = np.random.default_rng(3)
    values, datasets = clustered(rng, 1, 20, 0.0)
    assert effective_n(values, datasets) == pytest.approx(1.0)
    values, datasets = clustered(rng, 4, 20, 0.0)
    assert 4 < effective_n(values, datasets) < 17


def test_copies_count_once_a_dataset():
    values, datasets = clustered(np.random.default_rng(4), 50, 8, 1.0)
    assert effective_n(values, datasets) == pytest.approx(50.0)


def test_equal_values_say_nothing_about_dependence():
    assert effective_n(np.ones(40), np.repeat(np.arange(10), 4)) == pytest.approx(
        40 / (0.9 + 0.1 * 4)
    )
