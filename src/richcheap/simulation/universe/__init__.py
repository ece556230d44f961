"""The simulated bonds and their issuers."""
