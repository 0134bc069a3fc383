"""Tests of the formats in which policies leave and come back; they need neither Django nor a database."""
