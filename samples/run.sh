#!/bin/sh
# run.sh SAMPLE ARGUMENT...: runs a sample whose model others trained, as its README says. The first time, the model is
# fetched (fetch.sh), unless it is a text of the sample's own, and compiled to a JAR; both lie in its folder data/ then.
set -eu
samples=$(cd "$(dirname "$0")" && pwd -P)
sinter=$samples/../sinter

# compiled MODEL OPTION...: compiles a model to data/ unless that was done.
class_path=
compiled() {
  model=$1
  shift
  jar=$(basename "$model")
  jar=$data/${jar%.*}.jar
  [ "$jar" -nt "$model" ] || "$sinter" compile "$model" "$@" --standalone -o "$jar" >&2
  class_path=$class_path${class_path:+:}$jar
}

# jar NAME OPTION...: compiles a model that was fetched.
jar() {
  name=$1
  shift
  compiled "$data/$name.onnx" "$@"
}

# program FILE ARGUMENT...
program() {
  file=$samples/${sample%-int8}/$1
  shift
  exec "$("$sinter" --jdk)/bin/java" --add-modules jdk.incubator.vector -cp "$class_path" "$file" "$@"
}

sample=${1:-}
[ $# -eq 0 ] || shift

# takes COUNT WHAT: refuses fewer arguments than the sample's program needs.
given=$#
takes() {
  [ "$given" -ge "$1" ] || {
    echo "run.sh: $sample takes $2" >&2
    exit 2
  }
}

case $sample in
  stories) takes 2 "CHECKPOINT TOKENIZER [BEGINNING [STEPS]]" ;;
  gptsort) takes 2 "WEIGHTS.json LETTERS... or WEIGHTS.json ACTIVATIONS.json" ;;
  sentences | sentences-int8) takes 2 "SENTENCE SENTENCE..." ;;
  ocr) takes 1 "PICTURE" ;;
  voice) takes 1 "SOUND.wav" ;;
  faces | lines | cutout | cutout-int8) takes 2 "PICTURE RESULT.png" ;;
esac
case $sample in
  *-int8) data=$samples/${sample%-int8}/data/int8 ;;
  *) data=$samples/$sample/data ;;
esac
case $sample in
  stories | gptsort) mkdir -p "$data" ;;
  *) "$samples/fetch.sh" ${sample:+"$sample"} ;;
esac
case $sample in
  stories)
    compiled "$samples/stories/stories.sinter"
    program Tell.java "$@"
    ;;
  gptsort)
    compiled "$samples/gptsort/gptsort.sinter"
    program Sort.java "$@"
    ;;
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
