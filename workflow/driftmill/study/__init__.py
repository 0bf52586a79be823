"""The study file: its types, its checks, and its expansion into cells, fits and batches.

``types``, ``load``, ``expand``, ``hash`` and ``plan`` are light (no JAX, no PyMC), since
every job that Snakemake spawns reads the study again; ``check``, ``examine`` and ``build``
need the catalogue of models and are imported where they are used.
"""
