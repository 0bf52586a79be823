"""driftmill: batch studies of cognitive models as a Snakemake workflow.

The package is built in floors; a room imports only from floors below it:
``likelihoods``, ``processes``, ``models``, ``formulas``, ``simulation``, ``regression``,
``sampling``, ``comparison``/``recovery``/``prediction``, ``report``/``store``, ``study``,
``commands``.
Importing the package itself is cheap: no JAX, no PyMC.
"""

__version__ = "0.1.0"
