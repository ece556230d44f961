"""Fair values of bonds: which trade rich, which cheap."""
