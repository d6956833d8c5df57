"""Files for everybody: of a series or of a family, each of one vintage, each with equal bytes for ever."""
