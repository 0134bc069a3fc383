"""The tests; their folders mirror policystudio/."""
