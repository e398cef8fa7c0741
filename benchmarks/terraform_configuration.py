"""Measures `terraform apply` of benchmarks/terraform, with the same release of the provider."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement, measure
from benchmarks.sandbox import CLIENT, PIPELINE, PROJECT, SUBSCRIPTION, running_sandbox

_ROOT = Path(__file__).parent.parent
_PROVIDER = "github.com/microsoft/terraform-provider-azuredevops"


def terraform_is_missing() -> str | None:
    """Why this row cannot be measured here, or None."""
    for tool in ("terraform", "go"):
        if shutil.which(tool) is None:
            return f"there is no {tool} on PATH"
    return None


def measure_apply(connections: int, latency: float, parallelism: int) -> Measurement:
    """Apply the configuration on a fresh sandbox; the provider is built before the clock starts."""
    with tempfile.TemporaryDirectory() as name, running_sandbox(latency, connections) as sandbox:
        folder = Path(name)
        plugins = folder / "plugins"
        subprocess.run(
            ["go", "build", "-o", str(plugins / "terraform-provider-azuredevops"), _PROVIDER],
            cwd=_ROOT / "benchmarks" / "terraform",
            check=True,
        )
        shutil.copy(_ROOT / "benchmarks" / "terraform" / "main.tf", folder)
        settings = folder / "terraform.rc"
        settings.write_text(
            f'provider_installation {{\n  dev_overrides {{ "microsoft/azuredevops" = "{plugins}" }}\n'
            "  direct {}\n}\n"
        )
        environment = {
            **{key: value for key, value in sandbox.environment.items() if not key.startswith("TF_")},
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TF_VAR_connections": str(connections),
            "TF_VAR_project": PROJECT,
            "TF_VAR_pipeline": PIPELINE,
            "TF_VAR_subscription": SUBSCRIPTION,
            "TF_VAR_tenant": sandbox.environment["ARM_TENANT_ID"],
            "TF_VAR_client": CLIENT,
            "PATH": sandbox.environment.get("PATH", os.environ["PATH"]),
        }
        return measure(
            ["terraform", "apply", "-auto-approve", "-input=false", f"-parallelism={parallelism}"],
            folder,
            environment,
            sandbox.requests,
            folder,
        )
