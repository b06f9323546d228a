"""Judgement: units, pack sizes, money, documents, matching. Pure: no clock, no randomness, no input or output."""
