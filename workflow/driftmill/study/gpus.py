"""Which jobs ask for a GPU, and what posteriors were sampled on in the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from driftmill.store.headers import tree_provenance
from driftmill.study.hash import Step
from driftmill.study.types import Study

#: Steps that sample, and those that do where refits are allowed.
_SAMPLING: tuple[Step, ...] = ("fit", "fold", "future")
_REFITTING: tuple[Step, ...] = ("loo", "integrate")
#: Environment variable by which jobs that Snakemake starts know how many GPUs the run offers.
OFFERED = "DRIFTMILL_GPUS"


def offered_gpus(resources: Mapping[str, Any]) -> int:
    """Return how many GPUs a run offers to its jobs: ``--resources gpu=N``, or its profile's.

    Parameters
    ----------
    resources
        Those of Snakemake's workflow. The processes that it starts for jobs are not given them,
        and read them from the environment.
    """
    value = getattr(resources.get("gpu"), "value", None)
    if value is not None:
        os.environ[OFFERED] = str(value)
    return int(os.environ.get(OFFERED, "0"))


def gpus(study: Study, step: Step, offered: int) -> int | None:
    """Return how many GPUs a job of some step asks for; None: none.

    Parameters
    ----------
    study
        The study, whose ``sampling.platform`` decides: under ``gpu`` every job that samples
        asks for one, under ``auto`` where the run offers any.
    step
        The step.
    offered
        How many GPUs the run offers.
    """
    samples = step in _SAMPLING or (step in _REFITTING and study.compare.refits > 0)
    wanted = study.sampling.platform == "gpu" or (study.sampling.platform == "auto" and offered > 0)
    return 1 if samples and wanted else None


def devices(posteriors: Iterable[str]) -> list[dict[str, Any]]:
    """Return what batches of posteriors were sampled on, most of them first.

    Parameters
    ----------
    posteriors
        Paths of the batches.

    Returns
    -------
    list of dict
        ``platform``, ``name`` and ``fell_back`` of a device, the ``sampler`` there, and how many
        ``batches``.
    """
    found: Counter[tuple[str, ...]] = Counter()
    for path in posteriors:
        origin = tree_provenance(path, "posterior")
        device = origin.get("device") or {}
        if device:
            said = (device["platform"], device["name"], device["fell_back"])
            found[*said, origin.get("sampler", "")] += 1
    names = ("platform", "name", "fell_back", "sampler")
    return [
        dict(zip(names, said, strict=True)) | {"batches": count}
        for said, count in sorted(found.items(), key=lambda x: (-x[1], x[0]))
    ]
