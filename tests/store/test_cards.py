"""Cards of networks: read without weights, and told in words."""

import json

import numpy as np
import pytest

from driftmill.models.network import Gate, Network, card_of
from driftmill.store.cards import SHIPPED, read_card, shipped_cards
from driftmill.store.errors import DamagedArtifact


def network(*gates):
    return Network(
        name="n",
        model="ddm",
        kind="mixture",
        inputs=("v",),
        box={"v": (-1.0, 2.0)},
        layers=(4, 5),
        weights={"w0": np.zeros((1, 4), np.float32)},
        accuracy={"mass_least": 0.98, "ratio": 1.2, "log_density_error_p95": 0.03},
        gates=gates,
    )


def test_a_card_says_what_the_network_says(tmp_path):
    made = network(Gate("mass_least", 0.98, 0.99, 1.01), Gate("ratio", 1.2, 0, 1.5))
    (tmp_path / "card.json").write_text(card_of(made))
    card = read_card(tmp_path / "card.json")
    for name in ("name", "model", "kind", "digest", "inputs", "layers", "passed"):
        assert getattr(card, name) == getattr(made, name)
    assert dict(card.box) == {"v": (-1.0, 2.0)}
    assert card.failures == "mass_least is 0.98, not between 0.99 and 1.01"
    assert card.figures == "mass_least 0.98, ratio 1.2, log_density_error_p95 0.03"


def test_one_without_gates_was_never_checked(tmp_path):
    (tmp_path / "card.json").write_text(card_of(network()))
    card = read_card(tmp_path / "card.json")
    assert not card.passed
    assert card.failures == "it was never checked"


@pytest.mark.parametrize(
    ("text", "said"), [("{", "not JSON"), ("[]", "lacks name"), ('{"name": "n"}', "lacks model")]
)
def test_what_is_no_card_is_refused(tmp_path, text, said):
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(DamagedArtifact, match=said):
        read_card(tmp_path / "card.json")


def test_cards_that_come_along_are_those_of_their_weights():
    from driftmill.models.shipped import shipped, shipped_names

    assert tuple(shipped_cards()) == shipped_names()
    for name, card in shipped_cards().items():
        assert card.digest == shipped(name).digest
        assert card.passed, card.failures
        size = sum(file.stat().st_size for file in (SHIPPED / name).iterdir())
        assert size < 300_000
        assert json.loads((SHIPPED / name / "card.json").read_text())["name"] == name
