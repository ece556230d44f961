"""The Kalman filter of curve, ratings, issuers and bonds, with exact leave-one-out predictions."""
