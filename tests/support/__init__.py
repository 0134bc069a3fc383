"""Helpers that tests of several areas use."""
