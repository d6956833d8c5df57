"""Collection: the ways by which quotes reach the office. Price sheets are read here, without a database or a clock."""
