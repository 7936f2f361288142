#!/bin/sh
# Sends card payments for ever, as other people's producers would: RATE a second, in ten portions, through kcat.
set -eu
: "${KAFKA_BOOTSTRAP_SERVERS:?}"
events=${EVENTS:-1000000000}
rate=${RATE:-2000}
portion=$((rate / 10 > 0 ? rate / 10 : 1))
millrace demo --events "$events" |
  awk -v portion="$portion" '{ print } NR % portion == 0 { fflush(); system("sleep 0.1") }' |
  kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t "${TOPIC:-transactions}" -X topic.partitioner=random -X sticky.partitioning.linger.ms=0
