"""What is done to connections that exist: proving that pipelines can use them, and recovering a stack.

Talks HTTP to the services and runs the engine's command line; makes no resource behind the engine's back.
"""
