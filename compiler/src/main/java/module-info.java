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

  exports dev.sinter.compiler;
  exports dev.sinter.compiler.conformance;
  exports dev.sinter.compiler.tune;
}
