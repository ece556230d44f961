"""Bond mathematics from dated cash flows: accrual, yield, duration, spread over a curve."""
