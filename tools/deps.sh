#!/usr/bin/env bash
# The developer's environment: .venv with the pinned tools, .ansible/collections with the collections of requirements.yml.
# Changes nothing outside the checkout, but for apt packages where they are missing (named where it may not install them).
#   tools/deps.sh            the environment
#   tools/deps.sh browser    Chromium, which the tests of the report look at pages with (100 MB, so not before it is needed)
set -euo pipefail
cd "$(dirname "$0")/.."

exec 9<Makefile && flock 9              # one at a time
PATH=${PATH//"$PWD/.venv/bin:"/}        # the Makefile puts it there; a .venv cannot be made of itself
PIP_VERSION=25.3 # the first with --group is 25.1; the Debian 12 one has not got it

# The oldest supported Python first: it is the one that is tested.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  echo "deps: no Python >= 3.11 found. Install one (Debian 12: apt-get install python3), or say PYTHON=/path/to/python3" >&2
  return 1
}

missing_packages() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null || echo "python3-venv"
  command -v ssh >/dev/null || echo "openssh-client"
  command -v lstopo-no-graphics >/dev/null || echo "hwloc-nox" # the tests' second opinion on topologies
  [ -x /usr/sbin/nft ] || echo "nftables"                               # and the kernel's on the filters of networks
}

install_packages() {
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  if command -v apt-get >/dev/null && "${sudo[@]}" true 2>/dev/null; then
    echo "deps: installing $*"
    "${sudo[@]}" apt-get -qq update
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
  else
    echo "deps: please install as root: $*" >&2
    return 1
  fi
}

main() {
  local python packages
  python=$(find_python)
  mapfile -t packages < <(missing_packages "$python")
  if [ "${#packages[@]}" -gt 0 ]; then install_packages "${packages[@]}"; fi

  if [ "$(cat .venv/.home 2>/dev/null)" != "$PWD $python" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    "$python" -m venv .venv
    echo "$PWD $python" >.venv/.home # a virtual environment cannot move
  fi
  .venv/bin/python -m pip install -q --disable-pip-version-check "pip==$PIP_VERSION"
  .venv/bin/python -m pip install -q --disable-pip-version-check --group dev -r requirements.txt -c .config/constraints.txt
  .venv/bin/python tools/vendor_collections.py
}

case "${1:-}" in
  browser) command -v chromium >/dev/null || install_packages chromium ;;
  *) main ;;
esac
