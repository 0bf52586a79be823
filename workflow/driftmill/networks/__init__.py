"""Networks in the place of likelihoods: training sets, training, accuracy, exchange."""
