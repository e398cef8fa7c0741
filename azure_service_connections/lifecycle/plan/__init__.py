"""What is to be done about connections that exist: a plan, as a file that people review."""
