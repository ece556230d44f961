"""Why a stage would run: reasons as data, then in words."""
