"""Turn what files hold into typed columns of one source. What a value must satisfy stands in `validation`."""
