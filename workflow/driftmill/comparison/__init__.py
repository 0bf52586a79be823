"""How well fits predict, and which predicts best: LOO, weights, confusion of models."""
