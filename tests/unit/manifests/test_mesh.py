"""Meshes: Services of versions, routes as Gateway API or Istio objects, proxies beside pinned containers."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.manifests.gateway import duration
from unit.manifests import builder as b
from unit.manifests import validate

PORT = [{"name": "http", "port": 8080, "protocol": "TCP"}]
ISTIO = {"backend": "istio"}


def route(name="all", service="reviews", **more):
    made = {
        "name": name,
        "service": service,
        "match": {"prefix": "/"},
        "destinations": [
            {"host": service, "version": "v1", "weight": 90},
            {"host": service, "version": "v2", "weight": 10},
        ],
        "rewrite": None,
        "timeout": None,
        "retries": None,
        "external": False,
    }
    return dict(made, **more)


def mesh(*routes, external=(), name="shop"):
    services = [
        {"name": host, "version": version, "service": f"{host}-{version}", "external": host in external, "port": 8080}
        for host in ("reviews", "ratings")
        for version in ("v1", "v2")
    ]
    return {"name": name, "namespace": "default", "services": services, "routes": list(routes)}


def made(*routes, external=(), container=None, **options):
    """Manifests of four services in a mesh."""
    whole = mesh(*routes, external=external)
    services = [b.service(one["service"], container or b.container(ports=PORT)) for one in whole["services"]]
    found = b.objects(services, [b.placed(one["name"]) for one in services], meshes=[whole], **options)
    experimental = options.get("routes", {}).get("channel") == "experimental"
    assert validate.faults(found, experimental) == []
    return found


def rule(found, name="shop-all"):
    (one,) = b.of_kind(found, "HTTPRoute", name)["spec"]["rules"]
    return one


def test_one_service_for_each_version_and_one_above_them():
    found = made(route())
    assert {one["metadata"]["name"] for one in b.of_kind(found, "Service")} == {
        "reviews",
        "reviews-v1",
        "reviews-v2",
        "ratings",
        "ratings-v1",
        "ratings-v2",
    }
    root = b.of_kind(found, "Service", "reviews")["spec"]["selector"]
    for version in ("v1", "v2"):
        labels = b.pod_of(found, f"reviews-{version}")["metadata"]["labels"]
        assert root.items() <= labels.items()
        assert labels["version"] == version
        assert b.of_kind(found, "Service", f"reviews-{version}")["spec"]["selector"].items() <= labels.items()
    assert not root.items() <= b.pod_of(found, "ratings-v1")["metadata"]["labels"].items()


def test_a_member_without_ports_gets_the_one_of_the_mesh():
    found = made(container=b.container())
    assert [one["port"] for one in b.of_kind(found, "Service", "reviews-v1")["spec"]["ports"]] == [8080]


def test_weights_and_parent():
    found = made(route())
    spec = b.of_kind(found, "HTTPRoute", "shop-all")["spec"]
    assert spec["parentRefs"] == [{"group": "", "kind": "Service", "name": "reviews", "port": 8080}]
    assert [(one["name"], one["weight"]) for one in rule(found)["backendRefs"]] == [
        ("reviews-v1", 90),
        ("reviews-v2", 10),
    ]
    assert b.of_kind(found, "Gateway") == []


MATCHES = [
    # match, rewrite, path match, rewritten
    ({"prefix": "/"}, None, {"type": "PathPrefix", "value": "/"}, None),
    ({"exact": "/x"}, None, {"type": "Exact", "value": "/x"}, None),
    (
        {"prefix": "/r"},
        "/",
        {"type": "PathPrefix", "value": "/r"},
        {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"},
    ),
    ({"exact": "/x"}, "/y", {"type": "Exact", "value": "/x"}, {"type": "ReplaceFullPath", "replaceFullPath": "/y"}),
]


@pytest.mark.parametrize(("match", "rewrite", "path", "rewritten"), MATCHES)
def test_match_and_rewrite(match, rewrite, path, rewritten):
    one = rule(made(route(match=match, rewrite=rewrite)))
    assert one["matches"] == [{"path": path}]
    filters = [{"type": "URLRewrite", "urlRewrite": {"path": rewritten}}] if rewritten else None
    assert one.get("filters") == filters


def test_timeout_and_retries():
    retries = {"attempts": 3, "per_try_timeout": "2s"}
    found = made(route(timeout="5s", retries=retries), routes={"channel": "experimental"})
    assert rule(found)["timeouts"] == {"request": "5s", "backendRequest": "2s"}
    assert rule(found)["retry"] == {"attempts": 3}
    assert rule(made(route(timeout="5s")))["timeouts"] == {"request": "5s"}


def test_retries_that_the_standard_channel_has_not_are_told():
    whole = mesh(route(retries={"attempts": 3, "per_try_timeout": "2s"}))
    services = [b.service(one["service"]) for one in whole["services"]]
    found, notes = b.made(services, [b.placed(one["name"]) for one in services], meshes=[whole])
    assert "retry" not in rule(found) and rule(found)["timeouts"] == {"backendRequest": "2s"}
    assert len(notes) == 1 and "meshes.shop.routes.all.retries are left out" in notes[0]


def test_from_outside():
    found = made(route(external=True), route("other", "ratings"))
    gateway = b.of_kind(found, "Gateway", "shop")["spec"]
    assert (gateway["gatewayClassName"], gateway["listeners"][0]["port"]) == ("istio", 80)
    parents = [one["kind"] for one in b.of_kind(found, "HTTPRoute", "shop-all")["spec"]["parentRefs"]]
    assert parents == ["Service", "Gateway"]
    parents = [one["kind"] for one in b.of_kind(found, "HTTPRoute", "shop-other")["spec"]["parentRefs"]]
    assert parents == ["Service"], "all else is internal"


def test_an_external_service_without_a_route_gets_one():
    found = made(external=("reviews",))
    spec = b.of_kind(found, "HTTPRoute", "shop-reviews")["spec"]
    assert [one["kind"] for one in spec["parentRefs"]] == ["Service", "Gateway"]
    assert [one["name"] for one in spec["rules"][0]["backendRefs"]] == ["reviews-v1", "reviews-v2"]


def test_a_gateway_that_is_there():
    settings = {"create": False, "name": "edge", "namespace": "infra"}
    found = made(route(external=True), gateway=settings)
    parent = b.of_kind(found, "HTTPRoute", "shop-all")["spec"]["parentRefs"][1]
    assert (parent["name"], parent["namespace"]) == ("edge", "infra") and b.of_kind(found, "Gateway") == []
    found = made(route(external=True), gateway=settings, routes=ISTIO)
    assert b.of_kind(found, "VirtualService", "shop-external")["spec"]["gateways"] == ["infra/edge"]


def test_istio_objects():
    retries = {"attempts": 3, "per_try_timeout": "2s"}
    found = made(
        route(match={"prefix": "/r"}, rewrite="/", timeout="5s", retries=retries),
        route("one", match={"exact": "/one"}),
        route("long", match={"prefix": "/r/long"}),
        routes=ISTIO,
    )
    assert b.of_kind(found, "HTTPRoute") == []
    assert b.of_kind(found, "DestinationRule", "reviews")["spec"] == {
        "host": "reviews",
        "subsets": [{"name": version, "labels": {"version": version}} for version in ("v1", "v2")],
    }
    spec = b.of_kind(found, "VirtualService", "reviews")["spec"]
    assert (spec["hosts"], spec["gateways"]) == (["reviews"], ["mesh"])
    assert [one["name"] for one in spec["http"]] == ["one", "long", "all"], "the first that matches wins"
    last = spec["http"][2]
    assert last["match"] == [{"uri": {"prefix": "/r"}}]
    assert (last["rewrite"], last["timeout"]) == ({"uri": "/"}, "5s")
    assert last["retries"] == {"attempts": 3, "perTryTimeout": "2s"}
    assert [(one["destination"]["subset"], one["weight"]) for one in last["route"]] == [("v1", 90), ("v2", 10)]


def test_istio_from_outside():
    found = made(route(external=True), route("other", "ratings"), routes=ISTIO)
    assert b.of_kind(found, "Gateway", "shop")["apiVersion"] == "networking.istio.io/v1"
    outside = b.of_kind(found, "VirtualService", "shop-external")["spec"]
    assert (outside["hosts"], outside["gateways"]) == (["*"], ["shop"])
    assert [one["name"] for one in outside["http"]] == ["all"]


PROXIES = [
    # proxy, pinned, annotations of the proxy, labels
    ("sidecar", True, 4, {"sidecar.istio.io/inject": "true"}),
    ("sidecar", False, 0, {"sidecar.istio.io/inject": "true"}),
    ("ambient", True, 0, {"istio.io/dataplane-mode": "ambient"}),
    ("none", True, 0, {}),
]


@pytest.mark.parametrize(("proxy", "pinned", "count", "labels"), PROXIES)
def test_a_proxy_must_not_spoil_the_guaranteed_class(proxy, pinned, count, labels):
    container = b.container(topology="restricted" if pinned else "none", ports=PORT)
    metadata = b.pod_of(made(container=container, mesh={"proxy": proxy}), "reviews-v1")["metadata"]
    found = {key: value for key, value in metadata["annotations"].items() if key.startswith("sidecar.")}
    assert len(found) == count
    if count:
        assert found["sidecar.istio.io/proxyCPU"] == found["sidecar.istio.io/proxyCPULimit"] == "100m"
        assert found["sidecar.istio.io/proxyMemory"] == found["sidecar.istio.io/proxyMemoryLimit"] == "128Mi"
    assert {key: value for key, value in metadata["labels"].items() if "istio" in key} == labels


BESIDE = [
    # container, devices, proxy, notes
    (b.container(), [], "sidecar", 0),
    (b.container(sriov=1), [b.vf()], "sidecar", 1),
    (b.container(macvlan=1), [], "ambient", 2),
]


@pytest.mark.parametrize(("container", "devices", "proxy", "notes"), BESIDE)
def test_traffic_beside_the_mesh_is_told(container, devices, proxy, notes):
    one = {"name": "reviews", "version": "v1", "service": "reviews-v1", "external": False, "port": 80}
    whole = {"name": "m", "namespace": "default", "routes": [], "services": [one]}
    service = b.service("reviews-v1", container)
    dummy, told = b.made([service], [b.placed("reviews-v1", *devices)], meshes=[whole], mesh={"proxy": proxy})
    assert len(told) == notes


def gone(host="reviews", version="v1"):
    return [{"host": host, "version": version, "weight": 100}]


REFUSED = [
    # routes, part of the message
    (
        [route(timeout="1s", retries={"attempts": 2, "per_try_timeout": "2s"})],
        "one try may take longer than the whole request",
    ),
    ([route(service="review")], 'meshes.shop.routes.all.service: is not in the mesh. Did you mean "reviews"?'),
    ([route(destinations=gone("rating"))], 'is not in the mesh. Did you mean "ratings"?'),
    ([route(destinations=gone(version="v9"))], "reviews has no such version"),
    ([route(destinations=[])], "meshes.shop.routes.all.destinations: is empty"),
    (
        [route(external=True), route("other", "ratings", external=True)],
        "is that of route all, and both are reached from outside",
    ),
    ([route(), route()], "HTTPRoute default/shop-all is made twice"),
]


@pytest.mark.parametrize(("routes", "message"), REFUSED)
def test_refused(routes, message):
    with pytest.raises(ProblemsError) as caught:
        made(*routes)
    assert message in caught.value.text()


def test_members_exist_and_are_in_one_mesh():
    services = [b.service("reviews-v1")]
    whole = {"name": "m", "namespace": "default", "routes": []}
    one = {"name": "reviews", "version": "v1", "service": "reviews-v1", "external": False, "port": 80}
    with pytest.raises(ProblemsError, match="there is no such service"):
        b.objects(services, [b.placed("reviews-v1")], meshes=[dict(whole, services=[dict(one, service="revews-v1")])])
    with pytest.raises(ProblemsError, match="is in a mesh already"):
        b.objects(services, [b.placed("reviews-v1")], meshes=[dict(whole, services=[one, one])])


DURATIONS = [("5s", 5000), ("1m30s", 90000), ("200ms", 200), ("1h", 3600000), ("", 0), (None, 0)]


@pytest.mark.parametrize(("text", "milliseconds"), DURATIONS)
def test_duration(text, milliseconds):
    assert duration(text) == milliseconds
