"""From lifted log densities to posteriors: starts, warm-up, NUTS, gates and the retry ladder."""
