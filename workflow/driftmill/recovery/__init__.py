"""Whether fits find back what the data were simulated from: bias, coverage, contraction."""
