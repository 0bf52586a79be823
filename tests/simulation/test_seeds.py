import binascii

import numpy as np
import pytest

from driftmill.simulation.seeds import Purpose, child, seed_sequence


def state(sequence):
    return tuple(sequence.generate_state(4))


def test_seed_is_made_of_study_seed_cell_dataset_and_purpose():
    expected = np.random.SeedSequence([7, binascii.crc32(b"ddm_easy"), 3, 2])
    assert state(seed_sequence(7, "ddm_easy", 3, Purpose.DATA)) == state(expected)


def test_every_ingredient_changes_the_stream():
    seeds = [
        seed_sequence(seed, cell, dataset, purpose)
        for seed in (0, 1)
        for cell in ("ddm", "angle")
        for dataset in (0, 1)
        for purpose in Purpose
    ]
    assert len({state(seed) for seed in seeds}) == len(seeds)


def test_child_is_what_spawn_returns_and_does_not_count_calls():
    first, second = seed_sequence(1, "c", 0, Purpose.DATA).spawn(2)
    parent = seed_sequence(1, "c", 0, Purpose.DATA)
    assert [state(child(parent, 0)), state(child(parent, 1))] == [state(first), state(second)]
    assert state(child(parent, 0)) == state(first)
    assert state(child(first, 1)) == state(first.spawn(2)[1])


@pytest.mark.parametrize(("seed", "dataset"), [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(seed, dataset):
    with pytest.raises(ValueError, match="-1"):
        seed_sequence(seed, "c", dataset, Purpose.TRUTH)
