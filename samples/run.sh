#!/bin/sh
# run.sh SAMPLE ARGUMENT...: runs a sample whose model others trained, as its README says. The first time, the model is
# fetched (fetch.sh) and compiled to a JAR; both lie in the sample's folder data/ then.
set -eu
samples=$(cd "$(dirname "$0")" && pwd -P)
sinter=$samples/../sinter

# jar NAME OPTION...: compiles data/NAME.onnx unless that was done.
class_path=
jar() {
  name=$1
  shift
  if [ ! -f "$data/$name.jar" ]; then
    "$sinter" compile "$data/$name.onnx" "$@" --standalone -o "$data/$name.jar" >&2
  fi
  class_path=$class_path${class_path:+:}$data/$name.jar
}

# program FILE ARGUMENT...
program() {
  file=$samples/${sample%-int8}/$1
  shift
  exec "$("$sinter" --jdk)/bin/java" --add-modules jdk.incubator.vector -cp "$class_path" "$file" "$@"
}

sample=${1:-}
"$samples/fetch.sh" ${sample:+"$sample"}
shift
case $sample in
  *-int8) data=$samples/${sample%-int8}/data/int8 ;;
  *) data=$samples/$sample/data ;;
esac
case $sample in
  sentences | sentences-int8)
    jar minilm
    program Similarity.java "$data/tokenizer.json" "$@"
    ;;
  ocr)
    jar detection
    jar angle --set d1=48 --set d2=192
    jar recognition --set d0=48
    program ReadText.java "$data/characters.txt" "$@"
    ;;
  voice)
    jar silero
    program Speech.java "$@"
    ;;
  faces)
    jar ultraface
    program Faces.java "$@"
    ;;
  lines)
    jar mlsd
    program Lines.java "$@"
    ;;
  cutout | cutout-int8)
    jar isnet
    program Cutout.java "$@"
    ;;
esac
