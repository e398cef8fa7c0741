"""What is measured: ratios of one run on one sandbox, printed as one JSON object a row."""
