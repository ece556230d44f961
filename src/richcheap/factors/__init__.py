"""Factors of curve and spread changes, and each bond's exposure to them."""
