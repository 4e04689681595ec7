/// ONNX to a graph and back.
@org.jspecify.annotations.NullMarked
module dev.sinter.onnx {
  requires static org.jspecify;
  requires transitive dev.sinter.ir;
  requires com.google.protobuf;

  exports dev.sinter.onnx;
  exports dev.sinter.onnx.export;
  exports dev.sinter.onnx.model;
}
