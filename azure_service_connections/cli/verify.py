"""`connections verify`: proves that pipelines can use the connections of a stack."""
