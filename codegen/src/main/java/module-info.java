/// Program to Java source or PTX, and that to a JAR.
@org.jspecify.annotations.NullMarked
module dev.sinter.codegen {
  requires static org.jspecify;
  requires transitive dev.sinter.ir;
  requires transitive dev.sinter.runtime;
  requires com.palantir.javapoet;
  requires transitive java.compiler;

  exports dev.sinter.codegen.java;
  exports dev.sinter.codegen.jar;
  exports dev.sinter.codegen.ptx;
}
