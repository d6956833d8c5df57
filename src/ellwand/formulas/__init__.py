"""Floor 1, mathematics: NumPy arrays in, arrays out. No table, no file, no clock."""
