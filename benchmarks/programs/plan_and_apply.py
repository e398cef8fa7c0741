"""Plans for an organization, keeps of the plan what Azure DevOps converts by itself, and carries that out."""

import subprocess
from pathlib import Path

import yaml

PLAN = Path("conversion-plan.yaml")


def main() -> None:
    """Convert every automatic connection of the organization; the measured way includes each proof."""
    subprocess.run(["connections", "plan", "--accept-unsupported", "--output", PLAN], check=False)
    plan = yaml.safe_load(PLAN.read_text("utf-8"))
    plan["entries"] = [
        each for each in plan["entries"] if (each["action"], each.get("credential")) == ("convert", "service")
    ]
    PLAN.write_text(yaml.safe_dump(plan, sort_keys=False), "utf-8")
    subprocess.run(["connections", "apply", PLAN, "--yes"], check=True)


if __name__ == "__main__":
    main()
