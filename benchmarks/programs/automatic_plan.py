"""Plans for an organization, and keeps of the plan what Azure DevOps converts by itself."""

import subprocess
from pathlib import Path

import yaml

PLAN = Path("conversion-plan.yaml")


def main() -> None:
    """Write the plan and narrow it, as somebody who reviews it would."""
    subprocess.run(["connections", "plan", "--accept-unsupported", "--output", PLAN], check=False)
    plan = yaml.safe_load(PLAN.read_text("utf-8"))
    wanted = ("convert", "service")
    plan["entries"] = [each for each in plan["entries"] if (each["action"], each.get("credential")) == wanted]
    PLAN.write_text(yaml.safe_dump(plan, sort_keys=False), "utf-8")


if __name__ == "__main__":
    main()
