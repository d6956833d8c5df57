"""Review: decisions on quotes that the rules of the method ask about."""
