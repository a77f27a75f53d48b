"""The one training loop and what it asks of a task; knows no model and no data set."""
