"""The Kalman filter of curve, ratings, issuers and bonds, with exact leave-one-out predictions.

One currency at a time; prints come measured, and nothing here knows a model of prices.
"""

__all__ = ["fit", "leave_one_out", "prediction", "state_space", "update"]
