"""Tests of histories: what each release or commit of a target answers."""
