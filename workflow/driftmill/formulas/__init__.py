"""Formulas on parameters: links, terms, default priors and design matrices, without any graph."""
