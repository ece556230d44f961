"""The optimal filter of the simulated process: what any predictor can attain at best."""
