"""What whoever runs `pulumi up` needs for exactly one stack, looked at before it is up."""
