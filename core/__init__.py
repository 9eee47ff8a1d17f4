"""The ground floor: settings, errors, database and telemetry. It imports nothing else of the project."""
