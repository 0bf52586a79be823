"""A keeper of what a job has done that needs no disk, and a job that is stopped at a save."""

import numpy as np


class Memory:
    """Keeps in memory; stops the job at some save.

    Parameters
    ----------
    stop_at
        Which save is the last, counted from 1; 0: none is.
    """

    due = True

    def __init__(self, stop_at=0):
        self.stop_at, self.saves, self.done, self.state = stop_at, [], {}, {}

    def finished(self, name):
        return self.done.get(name)

    def underway(self, name):
        return self.state.get(name)

    def finish(self, name, arrays):
        self.done[name] = arrays

    def save(self, name, arrays):
        # Whoever saves may write over its arrays.
        self.state = {name: {key: np.array(array) for key, array in arrays.items()}}
        self.saves.append(self.state[name])
        if len(self.saves) == self.stop_at:
            raise KeyboardInterrupt
