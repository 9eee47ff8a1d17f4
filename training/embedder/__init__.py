"""The recipe of the text embedder: its upper layers trained on how people here ask. `python -m training.embedder --help`."""
