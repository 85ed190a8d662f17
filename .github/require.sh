#!/usr/bin/env bash
# Ends a job whose variable isn't set, and says how to set it: require.sh NAME CURE
set -euo pipefail
name=$1 cure=$2
if [ -z "${!name:-}" ]; then
  echo "::error title=The variable $name is not set::$cure"
  exit 2
fi
