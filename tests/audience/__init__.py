"""Tests of audience."""
