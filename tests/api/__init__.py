"""Tests of REST."""
