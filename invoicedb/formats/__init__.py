"""Bytes in, documents out: one file per format."""
