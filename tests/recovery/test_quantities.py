import numpy as np
import pytest

from driftmill.recovery.quantities import quantities, sampled
from driftmill.recovery.roles import Role, roles_of

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def found(hierarchy):
    return list(quantities(hierarchy.tree, roles_of(hierarchy.spec)))


def test_elements_are_called_by_their_labels_level_by_level(found):
    names = [(q.parameter, q.participant) for q in found]
    assert names[:8] == [
        ("t", None),
        ("v_Intercept", None),
        ("v_c[b]", None),
        ("v_c[z]", None),
        ("a_Intercept", None),
        ("v_1|participant_id_sigma", None),
        ("v_c|participant_id_sigma[b]", None),
        ("v_c|participant_id_sigma[z]", None),
    ]
    assert names[8:] == [
        *(("v_1|participant_id", f"s{i}") for i in (1, 2, 3)),
        *((f"v_c|participant_id[{c}]", f"s{i}") for i in (1, 2, 3) for c in "bz"),
        *(("a_1|participant_id", f"s{i}") for i in (1, 2, 3)),
    ]


def test_draws_and_diagnostics_are_the_elements_own(found, hierarchy):
    posterior, diagnostics = hierarchy.tree["posterior"], hierarchy.tree["diagnostics"]
    one = next(q for q in found if (q.parameter, q.participant) == ("v_c|participant_id[z]", "s2"))
    where = {"participant_id__factor_dim": "s2", "c__expr_dim": "z"}
    expected = posterior["v_c|participant_id"].sel(where)
    for place, dataset in enumerate((4, 5, 6)):
        np.testing.assert_array_equal(
            one.draws[place], expected.sel(dataset=dataset).to_numpy().ravel()
        )
    known = diagnostics["ess_bulk"].sel(parameter="v_c|participant_id[s2, z]")
    np.testing.assert_array_equal(one.diagnostics["ess_bulk"], known)
    assert one.draws.flags["C_CONTIGUOUS"]


def test_only_the_levels_asked_for(hierarchy):
    some = quantities(hierarchy.tree, roles_of(hierarchy.spec), ("sd",))
    assert {q.level for q in some} == {"sd"}


def test_groups_that_are_not_participants_are_part_of_the_name(hierarchy):
    roles = {"v_1|participant_id": Role("deviation", 1.0)}
    names = [(q.parameter, q.participant) for q in quantities(hierarchy.tree, roles)]
    assert names == [(f"v_1|participant_id[s{i}]", None) for i in (1, 2, 3)]


def test_a_dataset_that_lacks_a_participant_has_draws(hierarchy):
    assert sampled(hierarchy.tree).tolist() == [True, True, False]
