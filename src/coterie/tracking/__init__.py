"""Ingestion: the endpoints that client SDKs speak with, the raw log and its drain."""
