"""Lets ``pytest`` find the packages in a checkout and the plugin that tests of the plugin need."""

pytest_plugins = ["pytester"]
