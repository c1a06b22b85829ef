"""docs/examples, from the file to bound pods: read, placed, made, taken by the API server, bound where promised."""

import pathlib

import pytest
from acceptance import deploy, sites
from ansible_collections.gedge.engine.plugins.module_utils.manifests import diff, names
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize

EXAMPLES = sorted((pathlib.Path(__file__).resolve().parents[2] / "docs" / "examples").glob("*.yml"))
FORMS = {
    "extended-resources": ("standard", {"backend": "extended-resources"}),
    "retries": ("experimental", {"backend": "extended-resources", "routes": {"channel": "experimental"}}),
    "dra": ("standard", {"backend": "dra", "routes": {"backend": "istio"}}),
}
WANTED = {
    "extended-resources": {
        "Deployment",
        "NetworkAttachmentDefinition",
        "HTTPRoute",
        "Gateway",
        "PersistentVolumeClaim",
    },
    "retries": {"HTTPRoute", "Gateway", "HorizontalPodAutoscaler"},
    "dra": {"ResourceClaimTemplate", "VirtualService", "DestinationRule", "Gateway"},
}


def named(path):
    """An example's services and meshes; those of the default namespace in one of the example's own."""
    edge = normalize(path.read_text(encoding="utf-8"))
    for one in [*edge["services"], *edge["meshes"]]:
        one["namespace"] = path.stem if one["namespace"] == "default" else one["namespace"]
    return edge


@pytest.fixture(scope="module")
def made():
    """(records, the examples' services, meshes, placement): all of them at once on four large nodes."""
    records = [sites.large(f"node{number}") for number in range(1, 5)]
    edges = [named(path) for path in EXAMPLES]
    kept = [one for edge in edges for one in edge["services"]]
    placement = place.place(records, kept, method="heuristic").result("failed")
    assert placement["failed"] == []
    return records, kept, [one for edge in edges for one in edge["meshes"]], placement


@pytest.fixture(scope="module", params=FORMS)
def site(request, start, made):
    """(form, cluster, objects)."""
    channel, options = FORMS[request.param]
    records, kept, meshes, placement = made
    objects = sites.manifests(kept, placement, records, meshes, **options)
    cluster = start(channel)
    deploy.deploy(cluster, records, objects, dra=request.param == "dra")
    deploy.wait_until_bound(cluster, placement)
    return request.param, cluster, objects


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, site, made):
    dummy, cluster, dummy2 = site
    bound, expected = deploy.bound(cluster), deploy.expected(made[3])
    services = {(one["namespace"], one["name"]) for one in named(path)["services"]}
    assert services
    assert {key: bound.get(key) for key in services} == {key: expected[key] for key in services}


def test_all_kinds_were_made(site):
    form, dummy, objects = site
    assert {one["kind"] for one in objects} >= WANTED[form]


def test_the_server_keeps_what_was_written(site):
    """Nothing that a manifest says is dropped or changed: only defaults are added."""
    dummy, cluster, objects = site
    for one in objects:
        (there,) = cluster.create(deploy.twin(one), dry_run="All")
        assert lost(one, there) == []


def test_the_cluster_differs_in_nothing(site):
    """Our diff takes what the server added for the server's own, and sees a change, one too few and one too many."""
    dummy, cluster, objects = site
    present = cluster.same_kinds(objects)
    assert diff.diff(present, objects) == []
    changed = [dict(one, spec=dict(one["spec"], replicas=7)) if is_sized(one) else one for one in present]
    (update, *others) = diff.diff(changed, objects)
    assert (update["change"], update["fields"][0]["path"], update["fields"][0]["was"]) == ("update", "spec.replicas", 7)
    assert len(others) == len([one for one in objects if is_sized(one)]) - 1
    (create,) = diff.diff([one for one in present if names.identity(one) != names.identity(objects[0])], objects)
    assert (create["change"], create["name"]) == ("create", objects[0]["metadata"]["name"])
    (delete,) = diff.diff(present, objects[1:])
    assert (delete["change"], delete["name"]) == ("delete", objects[0]["metadata"]["name"])


def is_sized(one):
    return one["kind"] == "Deployment" and "replicas" in one["spec"]


def lost(asked, there, path=""):
    """Paths of what is asked for and not there."""
    if isinstance(asked, dict):
        here = there if isinstance(there, dict) else {}
        return [at for key, value in asked.items() for at in lost(value, here.get(key), f"{path}.{key}")]
    if isinstance(asked, list):
        here = there if isinstance(there, list) else []
        pairs = zip(asked, here + [None] * len(asked))
        return [at for number, (one, other) in enumerate(pairs) for at in lost(one, other, f"{path}[{number}]")]
    same = asked == there or path.endswith(".name")
    return [] if same else [f"{path}: {asked!r} is {there!r}"]
