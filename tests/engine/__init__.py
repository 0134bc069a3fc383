"""Tests of the engine; they need neither Django nor a database."""
