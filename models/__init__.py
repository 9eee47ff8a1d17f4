"""Hold and run models: contracts, registry, artifacts, batching, host, and one backend per task. Knows only core."""
