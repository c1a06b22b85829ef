# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The script that puts a node's network back. It needs no Python and no network: POSIX sh, iproute2, systemd.

It stands on the node, complete, before the first change, and is run by a timer, at boot, or after a failed step.
"""

from __future__ import annotations

import base64
import shlex

from .. import own_files
from . import backends

PENDING = "/var/lib/gedge/network/pending"
TOKEN = PENDING + "/token"
TOLD = "/run/gedge/network-restored"  # what the last restoration says, for the one who comes back
UNIT = "gedge-network-restore.service"
UNIT_PATH = "/etc/systemd/system/" + UNIT
WANTED_BY = "/etc/systemd/system/sysinit.target.wants/" + UNIT
TIMER = "gedge-network-undo"
UNITS = {
    UNIT_PATH: """[Unit]
Description=Put back a network change that nobody confirmed
DefaultDependencies=no
RequiresMountsFor=/var/lib/gedge /etc
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target systemd-networkd.service NetworkManager.service gedge-ingress.service systemd-sysctl.service
Wants=network-pre.target
ConditionPathExists=%s

[Service]
Type=oneshot
ExecStart=/bin/sh %s/restore boot
"""
    % (TOKEN, PENDING),
    WANTED_BY: own_files.LINK + "../" + UNIT,
}

LIBRARY = r"""
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
# A folder of this process alone: a command whose redirection fails is not run, so nobody else may take it away.
WORK=/run/gedge/network-work.$$
mkdir -p "$WORK"
LOG=$WORK/log
[ -w "$WORK" ] || LOG=/dev/null
changes=0

PARENT=

# end PID: a process and all that it has started
end() {
    kill -STOP "$1"
    for child in $(cat "/proc/$1/task/$1/children" 2> /dev/null); do (end "$child"); done
    kill -9 "$1"
}

act() { changes=$((changes + 1)); echo "$*" >> "$LOG"; "$@" 2>> "$LOG" || :; }

# put PATH [MODE]: a file whole, from stdin; one that is right stays as it is.
put() {
    mkdir -p "${1%/*}"
    cat > "$1.gedge-tmp"
    chmod "${2:-644}" "$1.gedge-tmp"
    if [ -z "$2" ] && cmp -s "$1.gedge-tmp" "$1"; then rm -f "$1.gedge-tmp"; return 0; fi
    mv -f "$1.gedge-tmp" "$1"
}

# put_link PATH TARGET
put_link() { mkdir -p "${1%/*}"; ln -sfn "$2" "$1"; rm -f "$1.gedge-tmp"; }

drop() { rm -f "$1" "$1.gedge-tmp"; }

gone() { [ ! -e "/sys/class/net/$1" ] || act ip link del dev "$1"; }

# there NAME PARENT VLAN MTU UP
there() {
    if [ ! -e "/sys/class/net/$1" ] && [ -n "$3" ]; then act ip link add link "$2" name "$1" type vlan id "$3"; fi
    [ -e "/sys/class/net/$1" ] || return 0
    read -r mtu < "/sys/class/net/$1/mtu"
    [ "$mtu" = "$4" ] || act ip link set dev "$1" mtu "$4"
    read -r flags < "/sys/class/net/$1/flags"
    if [ $((flags & 1)) = 1 ]; then now=up; else now=down; fi
    [ "$now" = "$5" ] || act ip link set dev "$1" "$5"
}

# Few processes: a machine whose way is cut may be a slow one.
NL='
'
SPACES=$IFS
TIDY='s/ linkdown//;s/ dead//;s/\t/ /g;s/  */ /g;s/ $//'
THEIRS='/^(local|broadcast|multicast|anycast|unreachable|blackhole|nexthop) /d;/ proto ra( |$)/d;/ expires /d'
read_addresses() { ADDRESSES=$(ip -o addr show | sed -E "$TIDY;s/^[0-9]+: //"); }
read_routes() {
    ROUTES4=$(ip -4 route show table all | sed -E "$TIDY;$THEIRS")
    ROUTES6=$(ip -6 route show table all | sed -E "$TIDY;$THEIRS")
}
# read_rules 'PRIORITY|...'
read_rules() {
    RULES4=$(ip -4 rule show | sed -n -E "$TIDY;/^($1): /p")
    RULES6=$(ip -6 rule show | sed -n -E "$TIDY;/^($1): /p")
}

# addresses NAME 'WORDS'...: those and no other
addresses() {
    name=$1
    shift
    [ -e "/sys/class/net/$name" ] || return 0
    keys=" "
    wanted=" "
    mode=
    read -r mode 2> /dev/null < "/proc/sys/net/ipv6/conf/$name/addr_gen_mode" || :
    IFS=$NL
    for line in $ADDRESSES; do
        case "$mode $line" in
            "1 "*) ;;
            *" inet6 "*" scope link"*) continue ;; # the kernel's own
        esac
        case "$line" in
            "$name "*) rest=${line#* * }; keys="$keys${rest%% *} " ;;
        esac
    done
    IFS=$SPACES
    for words; do wanted="$wanted${words%% *} "; done
    for key in $keys; do
        case "$wanted" in *" $key "*) ;; *) act ip addr del "$key" dev "$name" ;; esac
    done
    for words; do
        case "$keys" in *" ${words%% *} "*) ;; *) act ip addr add $words dev "$name" ;; esac
    done
}

# routes FAMILY NAME 'WORDS'...: those and no other, but for the kernel's own
routes() {
    family=$1
    name=$2
    shift 2
    # For IPv6 "add" refuses what another link has too, such as fe80::/64.
    if [ "$family" = 4 ]; then lines=$ROUTES4 add=add; else lines=$ROUTES6 add=append; fi
    # NetworkManager makes in the kernel's name what it has told the kernel not to make, with a metric of its own.
    case " $* " in *" proto kernel "*) made=1 ;; *) made= ;; esac
    IFS=$NL
    for line in $lines; do
        case "$line " in *" dev $name "*) ;; *) continue ;; esac
        case "$line " in
            *" proto kernel "*" metric 256 "*) continue ;;
            *" proto kernel "*" metric "*) [ -n "$made" ] || continue ;;
            *" proto kernel "*) continue ;;
        esac
        found=
        for words; do [ "$words" = "$line" ] && found=1; done
        IFS=$SPACES
        [ -n "$found" ] || act ip "-$family" route del $line
        IFS=$NL
    done
    IFS=$SPACES
    for words; do
        case "$NL$lines$NL" in *"$NL$words$NL"*) ;; *) act ip "-$family" route "$add" $words ;; esac
    done
}

# rules FAMILY 'LINE'...: of the priorities that were read those lines and no other
rules() {
    family=$1
    shift
    if [ "$family" = 4 ]; then lines=$RULES4; else lines=$RULES6; fi
    IFS=$NL
    for line in $lines; do
        found=
        for words; do [ "$words" = "$line" ] && found=1; done
        IFS=$SPACES
        [ -n "$found" ] || act ip "-$family" rule del pref "${line%%:*}" ${line#*: }
        IFS=$NL
    done
    IFS=$SPACES
    for words; do
        case "$NL$lines$NL" in *"$NL$words$NL"*) continue ;; esac
        act ip "-$family" rule add pref "${words%%:*}" ${words#*: }
    done
}

# sysctls: lines "PATH:VALUE" from stdin. grep reads each whole: sh reads byte by byte, and the kernel gives but one.
sysctls() {
    cat > "$WORK/wanted"
    cut -d : -f 1 "$WORK/wanted" | xargs grep -s -H . > "$WORK/found"
    grep -v -x -F -f "$WORK/found" "$WORK/wanted" > "$WORK/differ"
    while IFS=: read -r path value; do
        [ ! -e "$path" ] || { changes=$((changes + 1)); echo "$value" 2>> "$LOG" > "$path" || :; }
    done < "$WORK/differ"
}

# settle NAME...: the backend works on beside us; bring the state about until it stays, for 30 rounds at most.
settle() {
    round=0
    quiet=0
    while [ "$round" -lt 30 ] && [ "$quiet" -lt 3 ]; do
        changes=0
        [ -z "$PARENT" ] || kill -0 "$PARENT" 2> /dev/null || exit 1 # else it would work against the clock's own
        state
        if [ "$changes" = 0 ] && { [ "$round" -gt 12 ] || ! busy "$@"; }; then quiet=$((quiet + 1)); else quiet=0; fi
        round=$((round + 1))
        [ "$quiet" -ge 3 ] || sleep 0.3
    done
}
"""

MAIN = r"""
how=${1:-timer}
[ -e "$PENDING/token" ] || exit 0
if [ "$how" = timer ]; then
    # The module that is still at it has had its time.
    read -r pid start < "$PENDING/process"
    if [ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2> /dev/null)" = "$start" ]; then end "$pid"; fi
    exec 9> /run/lock/gedge.lock
    flock -w 10 9 || :
    [ -e "$PENDING/token" ] || exit 0
fi
: > "$LOG"
files
filters # before the links: it may be what keeps the way shut
if [ "$how" = boot ]; then
    values
else
    state # at once: the backend may be slow, or dead
    reload
    settle $INTERFACES
fi
systemctl daemon-reload
{ echo "$(cat "$PENDING/token") $(date -u +%Y-%m-%dT%H:%M:%SZ) $how"; cat "$LOG"; } > "$TOLD"
sync
rm -f "$PENDING/token"
rm -f "$WANTED_BY" "$UNIT_PATH" "$WANTED_BY.gedge-tmp" "$UNIT_PATH.gedge-tmp"
[ "$how" = timer ] || systemctl stop --no-block "$TIMER.timer" 2> /dev/null
rm -rf "$PENDING" "$WORK"
rmdir /var/lib/gedge/network /var/lib/gedge/baseline /var/lib/gedge 2> /dev/null
sync
"""


def enforce(snapshots, rules, priorities):
    """sh: functions "values" and "state", which bring interfaces to {name: snapshot} and rules to {family: lines}."""
    values = [line for name in sorted(snapshots) for line in _values(snapshots[name])]
    lines = ["values() {", "sysctls <<'EOT'"] + values + ["EOT", "}", "state() {"]
    lines += [_link(name, one) for name, one in _ordered(snapshots)] + ["values", "read_addresses"]
    there = [(name, one) for name, one in _ordered(snapshots) if one["exists"]]
    lines += [_call("addresses", name, *one["addresses"]) for name, one in there] + ["read_routes"]
    lines += [_call("routes", family, name, *one["routes" + family]) for name, one in there for family in ("4", "6")]
    if priorities:
        lines.append(_call("read_rules", "|".join(str(priority) for priority in sorted(priorities))))
        lines += [_call("rules", family, *rules[family]) for family in ("4", "6")]
    return "\n".join(lines + ["}", ""])


def restore(backend, before, after, snapshots, rules, priorities, nft, folders=()):
    """The whole script.

    backend: networkd or networkmanager; before: {path: text} of our files as they were; after: as the change makes
    them, None for one that it may take away; snapshots, rules, priorities: see enforce; nft: commands that bring the
    filters back, "" for none; folders: those that go where they are empty."""
    names = {"PENDING": PENDING, "TOLD": TOLD, "WANTED_BY": WANTED_BY, "UNIT_PATH": UNIT_PATH, "TIMER": TIMER}
    head = ["%s=%s" % pair for pair in sorted(names.items())]
    head.append(
        "INTERFACES=%s" % shlex.quote(" ".join(name for name in sorted(snapshots) if snapshots[name]["exists"]))
    )
    parts = ["#!/bin/sh\n# Made by gedge.engine.network: puts back what an unconfirmed change has changed.\n" + LIBRARY]
    parts += [backend.BUSY, backend.reload(before, after), "\n".join(head) + "\n"]
    parts += [_files(before, after), enforce(snapshots, rules, priorities)]
    load = "nft -f - <<'GEDGE-EOT' 2>> \"$LOG\"\n%s\nGEDGE-EOT\n" % nft.rstrip("\n") if nft else ""
    empty = "rmdir %s 2> /dev/null\n" % " ".join(folders) if folders else ""
    return "".join(parts + ["filters() {\n%s:\n}\n" % load, MAIN, empty, "exit 0\n"])


def only_state(backend, snapshots, rules, priorities):
    """A script that brings interfaces to {name: snapshot} now, and nothing else."""
    names = " ".join(name for name in sorted(snapshots) if snapshots[name]["exists"])
    state = enforce(snapshots, rules, priorities)
    end = ["settle %s\n" % names, 'rm -rf "$WORK"\n']
    return "".join([LIBRARY, backend.BUSY, "PARENT=$PPID\n", state] + end)


def _ordered(snapshots):
    """Ports before their VLANs."""
    return sorted(snapshots.items(), key=lambda pair: (pair[1].get("vlan") is not None, pair[0]))


def _link(name, one):
    if not one["exists"]:
        return _call("gone", name)
    vlan = one["vlan"]
    return _call("there", name, one["parent"] or "", vlan or "", one["mtu"], "up" if one["up"] else "down")


def _values(one):
    return ["%s:%s" % pair for pair in sorted(one.get("sysctls", {}).items())]


def _files(before, paths):
    lines = ["files() {"]
    for path in sorted(set(paths) | set(before)):
        text, mode = before.get(path), backends.mode(path)
        put = " ".join(["put", shlex.quote(path)] + (["%o" % mode] if mode else []))
        if text is None:
            lines.append(_call("drop", path))
        elif text.startswith(own_files.LINK):
            lines.append(_call("put_link", path, text[len(own_files.LINK) :]))
        elif text.isascii():
            lines += ["%s <<'GEDGE-EOT'" % put, text.rstrip("\n"), "GEDGE-EOT"]
        else:  # dash loses some bytes
            code = base64.b64encode((text.rstrip("\n") + "\n").encode("utf-8")).decode("ascii")
            lines.append("echo %s | base64 -d | %s" % (code, put))
    return "\n".join(lines + ["}", ""])


def _call(function, *words):
    return " ".join([function] + [shlex.quote(str(word)) for word in words])
