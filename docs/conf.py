"""Sphinx configuration."""

from conformance import __version__

project = "persistent-conformance"
author = "The persistent-conformance authors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "persistent-conformance"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
autodoc_typehints = "description"
nitpicky = False
