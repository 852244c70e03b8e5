"""Tests of the transfers room."""
