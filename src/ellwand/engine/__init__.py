"""Floor 2, tables: rows become sorted integer cells, kernels run over strata, results become tables again."""
