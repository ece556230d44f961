"""The models, one module each; `registry` names them, `base` says what a model is."""
