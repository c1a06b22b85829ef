# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a PF's driver cannot do for a VF, known before anything is touched.

Read in the drivers' ndo_set_vf_* functions of Linux 6.1 and 6.12 (drivers/net/ethernet). A driver that is not listed
is believed to do all; what it then refuses is put back.
"""

from __future__ import annotations

# 82576 alone among igb's devices has a rate limiter (igb_ndo_set_vf_bw: hw->mac.type != e1000_82576).
IGB_82576 = ("10c9", "10e6", "10e7", "10e8", "150a", "150d", "1518", "1526")
LACKS = {
    "igb": ("link_state", "min_tx_rate"),
    "ixgbe": ("min_tx_rate",),
    "i40e": ("min_tx_rate",),
    "mlx4_core": ("trust", "min_tx_rate"),
    "enic": ("vlan", "qos", "spoofchk", "trust", "link_state", "min_tx_rate", "max_tx_rate"),
    "be2net": ("min_tx_rate", "trust"),
}
# These drivers compare a rate with the link's present speed, and so refuse one while there is no link.
RATE_NEEDS_LINK = ("igb", "ixgbe", "i40e")
# The value that asks for nothing, and so is no use of the ability.
NEUTRAL = {"link_state": "auto", "min_tx_rate": 0, "max_tx_rate": 0}


def lacks(driver, device, key):
    """True where this driver (and PCI device id) is known not to set key for a VF."""
    if driver == "igb" and key == "max_tx_rate":
        return device not in IGB_82576
    return key in LACKS.get(driver, ())


def asked_but_lacking(pf, keys):
    """Sorted names among the asked keys {key: value} that the PF cannot do; a neutral value asks for nothing."""
    return sorted(key for key, value in keys.items() if lacks(pf.driver, pf.device, key) and NEUTRAL.get(key) != value)
