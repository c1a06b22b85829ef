# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Names of layers that a person wrote, against those that there are. Pure."""

from __future__ import annotations

from ..module_utils.suggest import meant


def faults(names, layers):
    """A sentence for each name that is no layer's, with the nearest one and the list. names: a list, or one name."""
    texts = [str(name) for name in (names if isinstance(names, (list, tuple)) else [names])]
    return [_fault(name, layers) for name in dict.fromkeys(texts) if name not in layers]


def _fault(name, layers):
    if not layers:
        return 'no tag is called "%s": this playbook has none. Leave it out' % name
    words = ['no layer is called "%s".' % name, meant(name, layers), "The layers: %s" % ", ".join(layers)]
    return " ".join(word for word in words if word)
