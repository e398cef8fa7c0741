"""Why a pipeline fails to sign in, or will: what the services hold, compared with what has to be."""
