"""Sphinx configuration."""

from pathlib import Path

from conformance import __version__

project = "persistent-conformance"
author = "The persistent-conformance authors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
html_theme = "furo"
html_title = "persistent-conformance"
exclude_patterns = ["_build", "_pages", "examples"]
# The pages that `nox -s docs` makes by running implementations.
html_extra_path = ["_pages"] if (Path(__file__).parent / "_pages").is_dir() else []
myst_heading_anchors = 3
autodoc_typehints = "description"
nitpicky = False
