"""Django helpers that know no model."""
