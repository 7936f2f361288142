#!/bin/bash
# Whether Millrace answers 200: health.sh live|ready [HOST PORT]. The image has no curl; bash opens the connection itself.
set -eu
exec 3<>"/dev/tcp/${2:-127.0.0.1}/${3:-9464}"
printf 'GET /health/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${1:-live}" >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
