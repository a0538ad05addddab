"""What kinds of scorer are there: one file each, none knows another."""
