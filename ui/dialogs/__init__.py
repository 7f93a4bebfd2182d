"""Questions and pages that stand in front of the main window."""
