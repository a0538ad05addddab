"""What happens for each verb: one module each, wiring rooms that do not know each other."""
