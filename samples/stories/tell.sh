#!/bin/sh
# Tells a story: tell.sh CHECKPOINT TOKENIZER [BEGINNING [TOKENS]]. Compiles the model first, where
# that has not been done. Needs a JDK 25 as JAVA_HOME or on the path.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
jar="$here/../../target/stories.jar"
[ "$jar" -nt "$here/stories.sinter" ] || "$here/../../sinter" compile "$here/stories.sinter" --standalone -o "$jar" >&2
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" --add-modules jdk.incubator.vector -cp "$jar" "$here/Tell.java" "$@"
