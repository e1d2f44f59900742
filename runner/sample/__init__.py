"""Invented data that a demo or a test runs on: nine raw tables, and the faults planted in them."""

from runner.sample.generator import SampleError, generate

__all__ = ["SampleError", "generate"]
