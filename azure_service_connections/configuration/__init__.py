"""From a stack's configuration to what the components are made from.

`models` says what a stack may write, `loader` reads it and reports every mistake at once, `resolution` turns
names into ids, `providers` makes the providers that are needed beside the default ones, and `assembly` puts
the components' inputs together.
"""
