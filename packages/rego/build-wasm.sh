#!/bin/sh
# Builds wasm/rego.wasm and its checksum from crate/. Only for those who change the crate: the built module is in the
# repository, and nothing else needs Rust.
#
# Needs on the PATH, or in RUSTC, CARGO and WASM_LD: rustc with its sources beside it (rust-src), cargo, and LLVM's
# linker; and patch. On Debian: rustc-web rust-web-src cargo lld-22 patch. The same versions give the same bytes in every folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
RUSTC=$(command -v "${RUSTC:-rustc}")
CARGO=${CARGO:-cargo}
WASM_LD=${WASM_LD:-wasm-ld-22}
target=${CARGO_TARGET_DIR:-$here/crate/target}
registry=${CARGO_HOME:-$HOME/.cargo}
sysroot=$("$RUSTC" --print sysroot)
sources=$(cd "$sysroot/lib/rustlib/src/rust" && pwd -P)

# The standard library is built along, with the same settings: a stable compiler has to be told that it may.
export RUSTC RUSTC_BOOTSTRAP=1
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$WASM_LD"
# --max-memory bounds what the host can allow an engine; --stack-first makes an overflow trap. The stack's pointer is
# exported so that the host can set an instance back that broke.
export RUSTFLAGS="-C linker-flavor=wasm-ld -C link-arg=--max-memory=268435456 -C link-arg=--stack-first \
-C link-arg=--export=__stack_pointer \
--remap-path-prefix=$here/crate=/crate --remap-path-prefix=$registry=/cargo \
--remap-path-prefix=$sources=/rust --remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rust"

# regorus with a small correction. Beside the crate, so that its path is the same in every folder.
"$CARGO" fetch --manifest-path "$here/crate/Cargo.toml" --locked --target wasm32-unknown-unknown
patched=$here/crate/target/regorus
rm -rf "$patched"
mkdir -p "$patched"
cp -R "$registry"/registry/src/*/regorus-0.14.1/. "$patched"
patch -s -d "$patched" -p1 < "$here/crate/regorus.patch"

"$CARGO" build --config "paths=[\"$patched\"]" --manifest-path "$here/crate/Cargo.toml" --locked --release --target wasm32-unknown-unknown \
  --target-dir "$target" -Zbuild-std=std,panic_abort

mkdir -p "$here/wasm"
cp "$target/wasm32-unknown-unknown/release/coresdk_rego.wasm" "$here/wasm/rego.wasm"
cd "$here/wasm"
sha256sum rego.wasm > rego.wasm.sha256
if grep -qaF -e "$here" -e "$registry" -e "$sysroot" rego.wasm; then
  echo "rego.wasm holds a path of this machine" >&2
  exit 1
fi

# The licences of what is in it: its crates and Rust's standard library.
tree() { "$CARGO" tree --manifest-path "$here/crate/Cargo.toml" --locked --target wasm32-unknown-unknown \
  --edges normal,no-proc-macro --prefix none --no-dedupe --format "$1" | sort -u; }
{
  echo "rego.wasm holds Rust's standard library (MIT OR Apache-2.0, https://github.com/rust-lang/rust) and these crates:"
  echo
  tree "{p}: {l}, {r}" | grep -v " (/" | sed 's/ (proc-macro)//; s/ (\*)//; s/^/  /'
  for folder in $(tree "{p}" | grep -v " (/" | awk '{ sub("^v", "", $2); print $1 "-" $2 }' | sort -u); do
    for text in "$registry"/registry/src/*/"$folder"/LICENSE* "$registry"/registry/src/*/"$folder"/COPYING*; do
      [ -f "$text" ] && printf '%s %s\n' "$(sha256sum < "$text" | cut -c1-64)" "$text"
    done
  done | sort | awk '!seen[$1]++ { print $2 }' | while read -r text; do
    printf '\n==== %s ====\n\n' "$(echo "$text" | sed 's#.*/src/[^/]*/##')"
    sed 's/[[:space:]]*$//' "$text"
  done
} > LICENSES.txt
ls -l rego.wasm LICENSES.txt
