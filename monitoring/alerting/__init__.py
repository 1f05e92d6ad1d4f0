"""What follows from alerts: rules as rows, answers, silences, and who is told."""
