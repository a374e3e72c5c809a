"""The plugins of this project, one folder each."""
