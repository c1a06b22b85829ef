# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Takes the schemas of this folder anew out of Go modules, which carry the CRDs of their projects.

    go mod download MODULE@VERSION    for each below
    python tests/unit/manifests/crds/extract.py [GO_MODULE_CACHE]

Descriptions are left out, and rules in CEL are kept but looked at by no test (a real API server does that).
All four projects are Apache-2.0.
"""

from __future__ import annotations

import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).parent
GATEWAY = "sigs.k8s.io/gateway-api@v1.6.0/config/crd/%s/gateway.networking.k8s.io_%s.yaml"
ISTIO = "istio.io/api@v1.29.0/kubernetes/customresourcedefinitions.gen.yaml"
MULTUS = "github.com/k8snetworkplumbingwg/network-attachment-definition-client@v1.7.7/artifacts/networks-crd.yaml"
SOURCES = {
    "networkattachmentdefinition": (MULTUS, "NetworkAttachmentDefinition"),
    "httproute": (GATEWAY % ("standard", "httproutes"), "HTTPRoute"),
    "httproute-experimental": (GATEWAY % ("experimental", "httproutes"), "HTTPRoute"),
    "gateway": (GATEWAY % ("standard", "gateways"), "Gateway"),
    "istio-gateway": (ISTIO, "Gateway"),
    "virtualservice": (ISTIO, "VirtualService"),
    "destinationrule": (ISTIO, "DestinationRule"),
    "verticalpodautoscaler": (
        "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1/deploy/vpa-v1-crd-gen.yaml",
        "VerticalPodAutoscaler",
    ),
}


def stripped(value, names=False):
    """Without descriptions; names: the keys are names of properties, of which one may be "description"."""
    if isinstance(value, dict):
        return {key: stripped(one, key == "properties") for key, one in value.items() if names or key != "description"}
    return [stripped(one) for one in value] if isinstance(value, list) else value


def main():
    cache = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path.home() / "go/pkg/mod")
    for name, (path, kind) in SOURCES.items():
        documents = yaml.safe_load_all((cache / path).read_text())
        crd = next(one for one in documents if one and one["spec"]["names"]["kind"] == kind)
        version = next(one for one in crd["spec"]["versions"] if one["name"] == "v1")
        schema = stripped(version["schema"]["openAPIV3Schema"])
        whole = {"source": path, "group": crd["spec"]["group"], "version": "v1", "kind": kind, "schema": schema}
        (HERE / f"{name}.json").write_text(json.dumps(whole, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
