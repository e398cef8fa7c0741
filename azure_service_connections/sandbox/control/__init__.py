"""What only a sandbox has: its state, its time, its faults, and the agents that take its pipelines' jobs."""
