# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the roles of a node hand to their modules, out of its host variables, with no Ansible templating at hand.

A role's option is the host variable ROLE_OPTION; without one it is made of the testbed's variables (MADE), or left to
the module's own default. A unit test holds MADE against the roles' files.
"""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ..module_utils.boot import options as boot
from ..module_utils.errors import EngineError
from ..module_utils.network import options as network
from ..module_utils.rdma import options as rdma
from ..module_utils.sriov import options as sriov
from ..module_utils.tuning import options as tuning
from . import asked_ingress, asked_network, asked_rdma, asked_sriov

PREFIX = "testbed_"
# Options of a module that its role has no variable for.
NO_VARIABLE = ("confirm", "confirm_by", "ports")
# What a role that hands back asks its module for no more.
NONE_WHEN_ABSENT = {"node_sriov": ("pfs",), "node_network": ("links", "filters")}
# What a role leaves out where it is empty.
LEFT_OUT_WHEN_EMPTY = {"node_rdma": ("netns", "roce", "memlock")}


def params(role, variables):
    """The complete parameters of a role's module, as the module itself would read them. Raises EngineError."""
    return checked(role, handed(role, variables))


def handed(role, variables):
    """{option: value} that a role hands to its module. Raises EngineError for host variables of no testbed."""
    absent = variables.get(variable(role, "state")) == "absent"
    found = {option: [] for option in NONE_WHEN_ABSENT.get(role, ()) if absent}
    for option in (option for option in SPECS[role] if option not in found):
        given = option not in NO_VARIABLE and variable(role, option) in variables
        if given or option in MADE[role]:
            found[option] = _plain(variables[variable(role, option)]) if given else _made(role, option, variables)
    left_out = [option for option in LEFT_OUT_WHEN_EMPTY.get(role, ()) if not found.get(option)]
    return {option: value for option, value in found.items() if option not in left_out}


def checked(role, options):
    """The options with the module's types and defaults. Raises EngineError, in the module's own words."""
    told = VALIDATORS[role].validate(options)
    if told.error_messages:
        wrong = [option for option, value in options.items() if _alone(role, option, value).error_messages]
        names = ", ".join(variable(role, option) for option in wrong)
        raise EngineError(_words(role, told.errors[0]), "", "Correct %s" % names if names else "")
    return told.validated_parameters


def _words(role, error):
    """What AnsibleModule says of it."""
    if not isinstance(error, UnsupportedError):
        return error.msg
    return "Unsupported parameters for (gedge.engine.%s) module: %s" % (role[len("node_") :], error.msg)


def one(role, option, variables, instead):
    """(value of one option of a role, the variable that it is from): the role's own, else the testbed's instead.

    The value is None where nothing is asked for: the role hands back, or it refuses that value itself."""
    name = variable(role, option)
    if variables.get(variable(role, "state")) == "absent":
        return None, name
    if name not in variables:
        return variables.get(PREFIX + instead), PREFIX + instead
    told = _alone(role, option, _plain(variables[name]))
    return None if told.error_messages else told.validated_parameters[option], name


def variable(role, option):
    """The host variable of a role's option."""
    return "%s_%s" % (role, option)


def _plain(value):
    """A value as it reaches a module, by JSON: keys are text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def _alone(role, option, value):
    return ArgumentSpecValidator({option: SPECS[role][option]}).validate({option: value})


def _made(role, option, variables):
    try:
        return MADE[role][option](variables)
    except (AttributeError, KeyError, TypeError) as error:
        what = "the testbed's variables cannot be read (%s: %s)" % (type(error).__name__, error)
        raise EngineError(what, variable(role, option), "Leave the variables testbed_* to the testbed file") from error


def _of(name, default):
    return lambda variables: variables.get(PREFIX + name) or default


def _ports(variables):
    return variables.get(PREFIX + "ports") or []


def _networks(variables):
    return variables.get(PREFIX + "networks") or {}


def _iommu(variables):
    return "on" if any(port.get("vfs") for port in _ports(variables)) else "leave"


def _iommu_at_boot(variables):
    """As the role node_boot of the same run says, on a node where the IOMMU is off."""
    value = variables.get("node_boot_iommu", _iommu(variables))
    asked = _alone("node_boot", "iommu", value).validated_parameters["iommu"]
    return asked == "on" and variables.get("node_boot_state") != "absent"


def _rdma(option):
    def made(variables):
        asked = variables.get("node_rdma_asked")
        return (asked or asked_rdma.asked(variables.get(PREFIX + "rdma") or {}, _ports(variables)))[option]

    return made


def _some_rdma(variables):
    return bool(variables.get(PREFIX + "rdma"))


HUGEPAGES, ISOLATED = _of("hugepages", []), _of("isolated_cpus", "")
MADE = {
    "node_boot": {
        "iommu": _iommu,
        "isolated_cpus": ISOLATED,
        "nohz_full": lambda variables: variables.get(PREFIX + "tuning") == "edge-accelerated",
        "hugepages": HUGEPAGES,
        "arguments": _of("kernel_arguments", []),
    },
    "node_sriov": {
        "pfs": lambda variables: asked_sriov.pfs(_ports(variables)),
        "ports": _ports,
        "iommu_at_boot": _iommu_at_boot,
    },
    "node_network": {
        "links": lambda variables: asked_network.links(_ports(variables), _networks(variables)),
        "filters": lambda variables: asked_ingress.filters(_ports(variables), _networks(variables)),
    },
    "node_rdma": {
        "drivers": _some_rdma,
        "rxe": _rdma("rxe"),
        "netns": _rdma("netns"),
        "roce": _rdma("roce"),
        "memlock": lambda variables: "unlimited" if _some_rdma(variables) else None,
    },
    "node_tuning": {"profile": _of("tuning", "none"), "hugepages": HUGEPAGES, "isolated_cpus": ISOLATED},
}
MODULES = {"node_boot": boot, "node_sriov": sriov, "node_network": network, "node_rdma": rdma, "node_tuning": tuning}
SPECS = {role: module.argument_spec() for role, module in MODULES.items()}
VALIDATORS = {role: ArgumentSpecValidator(spec) for role, spec in SPECS.items()}
