"""Designs: what a simulated cell of a study is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.formulas.design import DesignMatrix, design_matrix
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError
from driftmill.models.declaration import DEADLINE, Model, Parameter, Prior
from driftmill.models.priors import Distribution
from driftmill.simulation.coefficients import truth_parameters
from driftmill.simulation.covariates import Covariate, check_covariate, covariate_table
from driftmill.simulation.parameters import DesignError, SimulationError
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.simulation.task_columns import check_task, columns_before, courses
from driftmill.simulation.tasks import Course, Task
from driftmill.simulation.truths import Truth, by_element, check_truth


@dataclass(frozen=True)
class Design:
    """One simulated cell: its model, its truth and how much data a dataset holds.

    Parameters
    ----------
    cell
        The cell's name; it enters the seeds.
    model
        The data-generating model.
    truth
        A fixed value, a grid or a distribution for every parameter without a formula, for
        every coefficient of the formulas and for every standard deviation over groups. A
        parameter that the model holds at a value may be left out. What is given for a
        variable (``v_c``) is meant for each of its elements (``v_c[b]``).
    participants
        Participants of a dataset. They share its parameters but for those whose formula has
        terms that vary over ``participant_id``.
    trials
        Trials of each participant.
    datasets
        Datasets of the cell.
    lapse
        Probability, in [0, 1), that a trial is a lapse; a distribution: each dataset draws its
        own, which is the truth of ``p_outlier``.
    seed
        The study's seed.
    formulas
        Parameters given by a formula.
    covariates
        Covariates of the trials by name; formulas may use ``participant_id`` and ``trial_id``
        as well, and the columns that a task makes before any response (cue, block, ``u``). One
        called ``deadline`` is the time in seconds after which no response counts.
    task
        What the participants learn from, where the model has a learning process.
    silent
        The response that is never seen but inferred from silence until the deadline.
    lenient
        Whether a dataset whose truth cannot be simulated is left without trials, rather than
        being an error. Where truths are drawn from a fit's priors it must not be drawn anew:
        that would be another prior.

    Raises
    ------
    SimulationError
        When the truth leaves a parameter out, names an unknown one or is outside a support;
        when a formula or a covariate cannot be evaluated; when a learning model has no task, a
        task of another kind or one that cannot be made, or another model has one.
    ValueError
        When a count is below 1, the lapse is no probability or the seed is negative.
    """

    cell: str
    model: Model
    truth: Mapping[str, Truth]
    participants: int
    trials: int
    datasets: int
    lapse: float | Prior
    seed: int
    formulas: Mapping[str, Regression] = field(default_factory=dict)
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    task: Task | None = None
    silent: int | None = None
    lenient: bool = False

    def __post_init__(self) -> None:
        for name in ("participants", "trials", "datasets"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"cell {self.cell}: {name} is {getattr(self, name)}; 1 or more is needed"
                )
        if isinstance(self.lapse, Prior):
            Distribution(self.lapse, 0.0, 1.0)
        elif not 0 <= self.lapse < 1:
            raise ValueError(
                f"cell {self.cell}: lapse is {self.lapse:g}; a probability in [0, 1) is needed"
            )
        if self.seed < 0:
            raise ValueError(f"cell {self.cell}: seed is {self.seed}; 0 or more is needed")
        strange = [name for name in self.formulas if name not in self.model.parameter_names]
        if strange:
            raise SimulationError(
                f"cell {self.cell}: {self.model.name} has no parameter {strange[0]}, which has a "
                f"formula; it has {', '.join(self.model.parameter_names)}"
            )
        for name, covariate in self.covariates.items():
            try:
                check_covariate(name, covariate, self.participants, self.trials)
            except SimulationError as error:
                raise SimulationError(f"cell {self.cell}: {error}") from error
        try:
            check_task(self.model, self.task, self.trials, tuple(self.covariates))
        except SimulationError as error:
            raise SimulationError(f"cell {self.cell}: {error}") from error
        choices = self.model.choices
        if self.silent is not None and not (self.deadlines and self.silent in choices):
            raise SimulationError(
                f"cell {self.cell}: silent is {self.silent}; one of {choices} is needed, and a "
                "deadline"
            )
        if self.deadlines and (not self.model.has_rt or self.model.learning is not None):
            raise SimulationError(
                f"cell {self.cell}: {self.model.name} cannot be simulated up to a deadline; take a "
                "model that makes response times and does not learn"
            )
        object.__setattr__(self, "truth", by_element(self.parameters, self.truth))
        check_truth(self.model, self.parameters, self.truth)

    @property
    def deadlines(self) -> bool:
        """Whether the trials have deadlines."""
        return DEADLINE in self.covariates

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What needs a truth: parameters, or the coefficients of their formulas."""
        if not self.formulas:
            return truth_parameters(self.model, {}, self.truth)
        try:
            return truth_parameters(self.model, self.matrices(self.table(0)), self.truth)
        except FormulaError as error:
            raise SimulationError(f"cell {self.cell}: {error}") from error

    def table(self, dataset: int) -> pd.DataFrame:
        """Return what is known of a dataset's trials before any response.

        Participants, trial numbers, covariates and the columns of `task_columns`.
        """
        seed = seed_sequence(self.seed, self.cell, dataset, Purpose.COVARIATES)
        table = covariate_table(self.covariates, self.participants, self.trials, seed)
        if self.deadlines and not (table[DEADLINE] > 0).all():
            raise DesignError(
                f"cell {self.cell}, dataset {dataset}: a deadline is {table[DEADLINE].min():g}, "
                "not above 0; give it a distribution of positive numbers"
            )
        return table.assign(**self.task_columns(dataset))

    def courses(self, dataset: int) -> tuple[Course, ...]:
        """Return what each participant of a dataset meets; empty without a task."""
        if self.task is None:
            return ()
        seed = seed_sequence(self.seed, self.cell, dataset, Purpose.TASK)
        return courses(self.task, self.participants, self.trials, seed)

    def task_columns(self, dataset: int) -> dict[str, NDArray[np.generic]]:
        """Return the columns that the task makes before any response; none without one."""
        if self.task is None or self.model.learning is None:
            return {}
        return columns_before(self.model.learning, self.task, self.courses(dataset))

    def matrices(self, table: pd.DataFrame) -> dict[str, DesignMatrix]:
        """Return the formulas' design matrices over the trials of a table.

        Raises
        ------
        FormulaError
            When a formula cannot be evaluated.
        """
        return {name: design_matrix(formula, table) for name, formula in self.formulas.items()}
