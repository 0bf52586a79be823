import binascii

import numpy as np
import pytest

from driftmill.simulation.seeds import Purpose, child, named_child, seed_sequence, seeds_of


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


def test_a_named_child_follows_from_its_name_alone():
    parent = seed_sequence(1, "c", 0, Purpose.DEVIATIONS)
    states = [state(named_child(parent, f"v_1|participant_id[{p}]")) for p in range(2000)]
    assert len(set(states)) == 2000
    again = seed_sequence(1, "c", 0, Purpose.DEVIATIONS)
    assert state(named_child(again, "v_1|participant_id[7]")) == states[7]
    assert state(child(parent, 0)) not in states


def test_datasets_have_the_seed_that_each_has_alone():
    together = seeds_of(1, "c", (4, 2), Purpose.RANKS, "fit")
    assert list(together) == [4, 2]
    alone = seed_sequence(1, "c", 2, Purpose.RANKS)
    assert state(together[2]) == state(named_child(alone, "fit"))
    assert state(seeds_of(1, "c", (2,), Purpose.RANKS)[2]) == state(alone)


@pytest.mark.parametrize(("seed", "dataset"), [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(seed, dataset):
    with pytest.raises(ValueError, match="-1"):
        seed_sequence(seed, "c", dataset, Purpose.TRUTH)
