"""Bond mathematics from dated cash flows: conventions, accrual, yields, durations. No curve, no market."""
