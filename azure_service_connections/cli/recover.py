"""`connections recover`: brings a stack back into order after an interrupted `pulumi up`."""
