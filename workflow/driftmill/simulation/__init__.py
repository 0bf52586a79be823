"""Simulation: designs, truths, seeds and simulators; arrays and tables out, no files."""
