"""driftmill: batch studies of cognitive models as a Snakemake workflow.

The package is built in floors; a room imports only from floors below it:
``likelihoods``, ``models``, ``simulation``, ``regression``, ``sampling``,
``comparison``/``recovery``/``prediction``, ``report``/``study``/``store``.
Importing the package itself is cheap: no JAX, no PyMC.
"""

__version__ = "0.1.0"
