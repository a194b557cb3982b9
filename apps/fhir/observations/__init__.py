"""Observation: what structured reports have measured."""
