#!/bin/sh
# Checks the policy, runs its tests and asks it a question; no server is needed.
#   examples/ledger/run.sh [BUILD]
set -eu
build=${1:-build}
here=$(dirname "$0")
"$build/mcpc" check --deny-warnings "$here/ledger.mcpp"
"$build/mcpc" test "$here/ledger.mcpp" "$here/ledger.mcpp-test"
echo
"$build/mcpc" explain --call transfer --verifier partner --scope ledger.write --claim tenant=north \
  --arg tenant=north --arg amount=20000 "$here/ledger.mcpp"
