#!/usr/bin/env bash
# Makes the libraries' reference in .build/reference, one DocC archive a product, from what `swift build` has built. A warning fails it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

docc=$(command -v docc) || {
  echo "error: there is no docc on the PATH; it is part of Swift's toolchain" >&2
  exit 1
}
build=$(swift build --show-bin-path)
target=$(swiftc -print-target-info | sed -n 's/^ *"unversionedTriple": "\(.*\)",$/\1/p' | head -1)
# The C modules that Swift's import: those of the package and of what it depends on.
maps=()
for map in "$build"/*.build/module.modulemap Sources/*/module.modulemap Sources/*/include/module.modulemap \
  .build/checkouts/*/Sources/*/include/module.modulemap; do
  if [ -f "$map" ]; then maps+=(-Xcc "-fmodule-map-file=$map"); fi
done

for library in CEL ModelRuntime Millrace MillraceOperations; do
  graphs=.build/reference/$library
  rm -rf "$graphs" "$graphs.doccarchive"
  mkdir -p "$graphs"
  swift symbolgraph-extract -module-name "$library" -I "$build/Modules" -Xcc -ISources/CELFields/include "${maps[@]}" -target "$target" \
    -minimum-access-level public -skip-inherited-docs -output-dir "$graphs"
  "$docc" convert "Sources/$library/$library.docc" --additional-symbol-graph-dir "$graphs" --output-path "$graphs.doccarchive" \
    --fallback-display-name "$library" --fallback-bundle-identifier "millrace.$library" --warnings-as-errors >/dev/null
done
