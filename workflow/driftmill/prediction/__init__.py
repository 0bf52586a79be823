"""Prediction: what a posterior says new data would look like, against the data at hand."""
