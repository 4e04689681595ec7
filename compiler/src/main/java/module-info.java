/// The compiler as one call: file in, JAR out.
@org.jspecify.annotations.NullMarked
module dev.sinter.compiler {
  requires static org.jspecify;
  requires transitive dev.sinter.dsl;
  requires transitive dev.sinter.onnx;
  requires transitive dev.sinter.passes;
  requires transitive dev.sinter.codegen;
  requires transitive dev.sinter.training;
  requires java.management;
  requires static jdk.incubator.vector;

  exports dev.sinter.compiler;
  exports dev.sinter.compiler.conformance;
  exports dev.sinter.compiler.measure;
  exports dev.sinter.compiler.tune;
}
