"""Networks as files: cards and weights of small mixture networks of the ddm."""

import numpy as np

from driftmill.models.network import Gate, Network, card_of, weights_of
from driftmill.networks.training import first_weights

BOX = {"v": (-4.0, 4.0), "a": (0.5, 2.5), "z": (0.1, 0.9)}
COMPONENTS, CHOICES = 2, 2


def small_network(name="mine", model="ddm", ratio=1.2, seed=1):
    """Return a network with weights at random that passed, or with a large ratio failed."""
    widths = (len(BOX), 4, CHOICES * (3 * COMPONENTS + 1))
    weights = {n: np.asarray(w) for n, w in first_weights(widths, seed).items()}
    gates = () if ratio is None else (Gate("hellinger_ratio_median", ratio, 0.0, 1.5),)
    return Network(
        name=name,
        model=model,
        kind="mixture",
        inputs=tuple(BOX),
        box=BOX,
        layers=(4,),
        weights=weights,
        accuracy={} if ratio is None else {"hellinger_ratio_median": ratio},
        gates=gates,
    )


def write_network(folder, network):
    """Write a network's files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(card_of(network))
    (folder / "weights.npz").write_bytes(weights_of(network))
    return folder
