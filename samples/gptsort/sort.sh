#!/bin/sh
# Sorts six letters of A, B and C: sort.sh MODEL.json LETTERS... Compiles the model first, where that
# has not been done. Needs a JDK 25 as JAVA_HOME or on the path.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
jar="$here/../../target/gptsort.jar"
[ "$jar" -nt "$here/gptsort.sinter" ] || "$here/../../sinter" compile "$here/gptsort.sinter" --standalone -o "$jar" >&2
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules jdk.incubator.vector -cp "$jar" "$here/Sort.java" "$@"
