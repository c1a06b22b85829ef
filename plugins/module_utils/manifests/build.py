# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Services in normal form, their placement, the testbed and options -> Kubernetes objects, sorted and stable."""

from __future__ import annotations

from ..errors import Problem, ProblemsError
from . import addresses, claims, mesh, names, options, pools, replicas, shape, workload
from .networks import Definitions
from .site import Site
from .table import Table

TEXT = "%s %s/%s is made twice"


def build(services, placement, testbed, given=None):
    """([object], [note]). Raises ProblemsError with all that is wrong.

    services: {services, meshes}; placement: {placements, failed}; testbed: see site.py; given: see options.py.
    """
    settings = options.read(given)
    problems = shape.problems_of(services, placement)
    if problems:
        raise ProblemsError(problems, "service_manifests")
    objects, notes = _Build(services, placement, testbed, settings).run()
    return objects, notes


class _Build:
    """One run."""

    def __init__(self, services, placement, testbed, settings):
        self.problems, self.notes = [], []
        self.services = sorted(services["services"], key=lambda one: (one["namespace"], one["name"]))
        self.meshes = sorted(services.get("meshes", []), key=lambda one: (one["namespace"], one["name"]))
        self.placement, self.options = placement, settings
        self.site = Site(testbed, self.problems)
        self.table = Table(self.site, settings, self.problems)
        self.definitions = Definitions(self.site, settings, self.problems)

    def run(self):
        """([object], [note])."""
        kinds = claims.kinds(self.services)
        dra = bool(kinds) and options.backend(self.options, kinds) == "dra"
        everything = self._replicas(dra)
        found = [one for one in self._all(everything, dra) if one is not None]
        self._check_twice(found)
        if self.problems:
            raise ProblemsError(self.problems, "service_manifests")
        return sorted(found, key=names.order), self.notes

    def _replicas(self, dra):
        """[(service, [Replica])] with their addresses and claims."""
        placed = replicas.index(self.placement["placements"])
        for entry in self.placement["placements"]:
            for device in entry["devices"]:
                self.table.learn(entry["node"], device)
        reader = replicas.Reader(self.table, self.definitions, self.problems)
        found = []
        for service in self.services:
            found.append((service, reader.read(service, placed.get((service["namespace"], service["name"]), {}))))
            self._check_unplaced(*found[-1])
        self._address(found)
        if dra and not self.problems:
            claims.check(self.options, self.problems)
            for service, ones in found:
                for replica in ones:
                    replica.claims = claims.of_replica(service, replica, self.table, self.options)
                self.notes += claims.warnings(service, ones)
        return found

    def _address(self, found):
        every = [replica for dummy, ones in found for replica in ones if replica.node]
        wants = [want for replica in every for want in replica.wants if want.network in self.site.networks]
        settings = self.options["addresses"], self.options["address_range"]
        dealt, problems, notes = addresses.deal(wants, self.site, *settings)
        self.problems += problems
        self.notes += notes
        for replica in every:
            replica.addresses = [dealt.get(want) for want in replica.wants]

    def _check_unplaced(self, service, ones):
        missing = [replica.number for replica in ones if replica.count and not replica.node]
        if not missing or self.options["unplaced"] == "pending":
            return
        key = service["namespace"], service["name"]
        failed = [one for one in self.placement.get("failed") or [] if (one["namespace"], one["service"]) == key]
        why = failed[0].get("what") if failed else "the placement does not have it"
        what = "replica %s has no place: %s" % (", ".join(map(str, missing)), why)
        advice = (failed[0].get("advice") if failed else "") or "Place it, or set options.unplaced: pending"
        self.problems.append(Problem("%s/%s" % key, what, advice))

    def _all(self, everything, dra):
        members = mesh.members(self.meshes, self.services, self.options, self.problems)
        for service, ones in everything:
            its = members.get((service["namespace"], service["name"]), mesh.OUTSIDE)
            if its is not mesh.OUTSIDE:
                self.notes += mesh.warnings(service, self.options)
            yield from workload.objects(service, ones, its, self.options, self.problems)
        for one in self.meshes:
            yield from mesh.objects(one, self.options, self.problems, self.notes)
        yield from workload.claims_of_volumes(self.services, self.problems)
        yield from workload.priorities(self.services)
        yield from self.definitions.objects()
        # DRA's drivers find their devices themselves; what has no device class is left to the plugins.
        left = {
            name: pool for name, pool in self.table.pools.items() if not (dra and claims.claimable(pool, self.options))
        }
        yield from pools.objects(left, self.options, self.problems)
        if self.options["namespaces"]:
            spaces = {one["namespace"] for one in self.services + self.meshes} - {"default"}
            yield from (names.made("v1", "Namespace", space) for space in sorted(spaces))

    def _check_twice(self, found):
        seen = set()
        for one in found:
            key = names.identity(one)
            if key in seen:
                what = "two services or replicas would have it"
                advice = "Rename one: replicas with pods of their own are called NAME-NUMBER"
                self.problems.append(Problem(TEXT % key[:3], what, advice))
            seen.add(key)
