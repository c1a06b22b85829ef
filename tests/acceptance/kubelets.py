"""Kubelets of a cluster that has none: a pod that is bound is running and ready, one that is to go is gone."""

from __future__ import annotations

import threading

import kubernetes

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


class Kubelets:
    """Started by "with". refuse: {service: status that its pods get instead}."""

    def __init__(self, folder, refuse=None):
        self.api = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(f"{folder}/kubeconfig"))
        self.ended, self.thread = threading.Event(), threading.Thread(target=self._run)
        self.refuse = refuse or {}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *dummy):
        self.ended.set()
        self.thread.join()

    def _run(self):
        while not self.ended.wait(0.3):
            for pod in self.api.list_pod_for_all_namespaces().items:
                try:
                    self._see_to(pod)
                except kubernetes.client.ApiException as error:
                    assert error.status in (404, 409), error  # it is gone meanwhile

    def _see_to(self, pod):
        who = pod.metadata.name, pod.metadata.namespace
        if pod.metadata.deletion_timestamp:
            self.api.delete_namespaced_pod(*who, body=kubernetes.client.V1DeleteOptions(grace_period_seconds=0))
            return
        status = self.refuse.get((pod.metadata.labels or {}).get("gedge.io/service"), READY)
        if pod.spec.node_name and pod.status.phase == "Pending":
            self.api.patch_namespaced_pod_status(*who, {"status": status})
