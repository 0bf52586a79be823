"""Figures and the page: tables and posteriors in, SVG, PDF and one HTML file out.

``data`` holds what a report is made from, ``figures`` draws, ``sections`` words each section,
``context`` puts the sections together and ``page`` renders them.
"""
