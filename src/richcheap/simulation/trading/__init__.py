"""Who trades when in the simulated market, and at what price."""
