"""What the services themselves fix: roles, clouds, issuers, names and the codes of failed sign-ins.

A leaf: it depends on no other room and on nothing outside the standard library.
"""
