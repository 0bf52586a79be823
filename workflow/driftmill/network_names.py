"""What the files of a network and its kind of likelihood are called, wherever they are named."""

from __future__ import annotations

from typing import Final

#: Files of a network's folder.
CARD: Final = "card.json"
WEIGHTS: Final = "weights.npz"
ONNX: Final = "network.onnx"
#: The kind of likelihood that a network is.
KIND: Final = "approx_differentiable"
