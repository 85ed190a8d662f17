#!/usr/bin/env bash
# Ends a job whose variable isn't set, and says how to set it: require.sh NAME
set -euo pipefail
case $1 in
  STATE_BUCKET) cure="Without the bucket of the deployment's state everything looks undeployed: gh variable set STATE_BUCKET --body BUCKET" ;;
  DEPLOYMENT_OUTPUTS) cure="Deploy, then: gh variable set DEPLOYMENT_OUTPUTS < outputs.json" ;;
esac
if [ -z "${!1:-}" ]; then
  echo "::error title=The variable $1 is not set::$cure"
  exit 2
fi
