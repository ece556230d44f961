"""Risk of a portfolio of bonds: marks, tail measures and stress scenarios."""
