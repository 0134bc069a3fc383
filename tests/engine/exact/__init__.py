"""Tests of the exact path."""
