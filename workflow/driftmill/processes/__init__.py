"""Learning processes: from a participant's sequence of trials to trial-wise values, in JAX."""
