"""People, groups and objects of any kind in Graph."""

from entra_world import TENANT, World


def test_a_person_is_found_by_id_and_by_user_principal_name_in_any_case(world: World) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")

    for key in (ada, "ada@contoso.example", "ADA@Contoso.example", "ada%40contoso.example"):
        shown = world.graph("GET", f"users/{key}").body
        assert (shown["id"], shown["displayName"]) == (ada, "Ada Park")
    assert world.graph("GET", "users/nobody@contoso.example").status == 404


def test_people_are_filtered_by_name(world: World) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    world.person("Bo Lind", "bo@contoso.example")

    for text in (
        "displayName eq 'Ada Park'",
        "userPrincipalName eq 'ADA@contoso.example'",
        "startswith(displayName,'ada')",
    ):
        found = world.graph("GET", f"users?$filter={text}").body["value"]
        assert [each["id"] for each in found] == [ada], text


def test_members_of_a_group_come_and_go(world: World) -> None:
    client = world.client("groups", "GroupMember.ReadWrite.All", "Directory.Read.All")
    token = world.token_of(client["appId"], "secret")
    ada = world.person("Ada Park", "ada@contoso.example")
    group = world.group("platform-engineers")
    reference = {"@odata.id": f"{world.cloud.url}/v1.0/directoryObjects/{ada}"}

    added = world.graph("POST", f"groups/{group}/members/$ref", reference, token=token)
    again = world.graph("POST", f"groups/{group}/members/$ref", reference, token=token)

    assert (added.status, again.status) == (204, 400)
    (member,) = world.graph("GET", f"groups/{group}/members").body["value"]
    assert (member["id"], member["@odata.type"]) == (ada, "#microsoft.graph.user")
    assert world.graph("GET", f"groups/{group}/members/{ada}").status == 200
    removed = world.graph("DELETE", f"groups/{group}/members/{ada}/$ref", token=token)
    assert removed.status == 204
    assert world.graph("GET", f"groups/{group}/members").body["value"] == []
    assert world.graph("GET", f"groups/{group}/members/{ada}").status == 404


def test_an_application_or_an_unknown_object_cannot_be_a_member(world: World) -> None:
    client = world.client("groups", "Directory.ReadWrite.All")
    token = world.token_of(client["appId"], "secret")
    group = world.group("platform-engineers")
    made = world.made("applications", {"displayName": "app"})

    def add(identifier: str) -> int:
        body = {"@odata.id": f"{world.cloud.url}/v1.0/directoryObjects/{identifier}"}
        return world.graph("POST", f"groups/{group}/members/$ref", body, token=token).status

    assert add(made["id"]) == 400
    assert add(group) == 400
    assert add("99999999-9999-4999-8999-999999999999") == 404


def test_memberships_are_listed_directly_and_through_other_groups(world: World) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    inner = world.group("inner", ada)
    outer = world.group("outer", inner)

    direct = world.graph("GET", f"users/{ada}/memberOf").body["value"]
    transitive = world.graph("GET", f"users/{ada}/transitiveMemberOf").body["value"]

    assert [each["id"] for each in direct] == [inner]
    assert {each["id"] for each in transitive} == {inner, outer}


def test_a_group_is_found_by_id_and_name(world: World) -> None:
    group = world.group("platform-engineers")

    assert world.graph("GET", f"groups/{group}").body["displayName"] == "platform-engineers"
    found = world.graph("GET", "groups?$filter=displayName eq 'platform-engineers'").body["value"]
    assert [each["id"] for each in found] == [group]
    assert "members" not in found[0]


def test_an_object_of_any_kind_is_found_by_its_id(world: World) -> None:
    made = world.made("applications", {"displayName": "app"})
    identifiers = {
        "#microsoft.graph.application": made["id"],
        "#microsoft.graph.servicePrincipal": world.operator["id"],
        "#microsoft.graph.user": world.person("Ada Park", "ada@contoso.example"),
        "#microsoft.graph.group": world.group("platform-engineers"),
    }

    for kind, identifier in identifiers.items():
        shown = world.graph("GET", f"directoryObjects/{identifier}").body
        assert (shown["@odata.type"], shown["id"]) == (kind, identifier)
    assert world.graph("GET", f"directoryObjects/{TENANT}").status == 404


def test_many_objects_are_found_by_their_ids_and_kinds(world: World) -> None:
    ada = world.person("Ada Park", "ada@contoso.example")
    group = world.group("platform-engineers")
    ids = [ada, group, "99999999-9999-4999-8999-999999999999"]

    everything = world.graph("POST", "directoryObjects/getByIds", {"ids": ids}).body["value"]
    people = world.graph("POST", "directoryObjects/getByIds", {"ids": ids, "types": ["user"]}).body["value"]

    assert {each["id"] for each in everything} == {ada, group}
    assert [each["id"] for each in people] == [ada]
    assert world.graph("POST", "directoryObjects/getByIds", {"ids": []}).status == 400


def test_the_organization_is_the_tenant_of_the_caller(world: World) -> None:
    (shown,) = world.graph("GET", "organization").body["value"]

    assert (shown["id"], shown["displayName"]) == (TENANT, "contoso")
    assert [domain["name"] for domain in shown["verifiedDomains"]] == ["contoso.example"]
    assert world.graph("GET", f"organization/{TENANT}").body["id"] == TENANT


def test_an_application_has_no_me(world: World) -> None:
    answer = world.graph("GET", "me")

    assert (answer.status, answer.code) == (400, "BadRequest")
