"""What Ellwand costs: CPU time, memory and rate of fixed tasks, beside a yardstick, peers and the machine's limits."""
