"""What clients that read a whole organization ask for: checks of many connections, and their own rights."""

from devops_world import OTHER_PROJECT, PERSON, PROJECT, World

VERSION = "7.1-preview.1"
COLLECTION = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
LOCK = "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"


def query(project: str = PROJECT) -> str:
    return f"{project}/_apis/pipelines/checks/queryconfigurations"


def test_checks_of_several_connections_are_told_at_once(world: World) -> None:
    made = [world.connection(name=name) for name in ("payments", "orders", "stock")]
    for endpoint in made[:2]:
        answer = world.ask(
            "POST",
            f"{PROJECT}/_apis/pipelines/checks/configurations",
            {
                "type": {"id": LOCK},
                "settings": {},
                "resource": {"type": "endpoint", "id": endpoint["id"]},
            },
            version=VERSION,
        )
        assert answer.status == 200, answer
    wanted = [{"type": "endpoint", "id": each["id"].upper()} for each in made[1:]]
    answer = world.ask("POST", query(), wanted, version=VERSION, **{"$expand": "settings"})
    assert answer.body["count"] == 1
    (check,) = answer.body["value"]
    assert (check["resource"]["id"], check["settings"]) == (made[1]["id"], {})
    assert "settings" not in world.ask("POST", query(), wanted, version=VERSION).body["value"][0]
    assert world.ask("POST", query(OTHER_PROJECT), wanted, version=VERSION).body["value"] == []


def test_a_query_that_names_no_resources_is_refused(world: World) -> None:
    for body in ({"type": "endpoint"}, [{"type": "endpoint"}], ["x"]):
        answer = world.ask("POST", query(), body, version=VERSION)
        assert (answer.status, answer.key) == (400, "ArgumentNullException")


def test_who_administers_the_organization_is_told_so(world: World) -> None:
    path = f"_apis/permissions/{COLLECTION}/2"
    assert world.ask("GET", path).body == {"count": 1, "value": [True]}
    organization = world.cloud.store.get("organizations", "contoso")
    assert organization is not None
    for administrators, right in (([], False), ([PERSON], True)):
        world.cloud.store.put("organizations", "contoso", {**organization, "administrators": administrators})
        assert world.ask("GET", path).body["value"] == [right]
    assert world.ask("GET", path, tokens="NAMESPACE,NAMESPACE").body["value"] == [True, True]


def test_rights_of_other_namespaces_are_not_evaluated(world: World) -> None:
    answer = world.ask("GET", "_apis/permissions/2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87/2")
    assert answer.status == 501
    assert "does not evaluate permissions of the namespace" in answer.message
