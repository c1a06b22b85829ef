# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the modules that ask a cluster through kubectl document alike; their options are rollout/kubectl's OPTIONS."""

from __future__ import annotations


class ModuleDocFragment:
    """The cluster that is meant, and the program that asks it."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description: A kubeconfig. Empty, kubectl's own default.
    type: path
    default: ""
  kubectl:
    description: The program.
    type: str
    default: kubectl
author:
  - The gedge.engine authors (@gedge-engine)
"""
