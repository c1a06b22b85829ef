# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubelet's resource managers on a node as one transaction: CPU, topology and memory manager, and what is reserved.

wanted       what is asked for, and its faults that need no node
launch       how this node's kubelet is started: unit, command line, folder of drop-ins
document     the kubelet's configuration as it reads it: its file, the drop-ins, ours
yaml_subset  enough YAML to read that file without a library
maturity     which option which kubelet knows, and behind which feature gate
reserve      what is reserved, reservedMemory of each NUMA node, what is allocatable, how many CPUs can be pinned
rules        what the kubelet, or this node, will not take
checkpoint   which state files a kubelet with this configuration would refuse
service      the unit: stop, start, wait until it is well, its last words
observe, subsystem   all of it, as converge() wants it
"""
