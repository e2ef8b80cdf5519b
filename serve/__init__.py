"""The service: scores and rankings over HTTP."""
