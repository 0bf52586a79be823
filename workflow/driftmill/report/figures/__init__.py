"""The drawings, a file a section: tables or posteriors in, a matplotlib figure out."""
