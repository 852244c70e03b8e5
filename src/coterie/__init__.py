"""Coterie: a self-hosted audience platform for chatbots."""

__version__ = "0.1.0"
