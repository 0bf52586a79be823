"""The commands of ``driftmill``, one a file; ``driftmill.cli`` puts them together."""
