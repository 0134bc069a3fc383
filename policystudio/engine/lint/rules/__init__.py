"""One rule a module; policystudio.engine.lint.registry lists them."""
