"""From a fit's specification to one JAX log density whose data are arguments."""
