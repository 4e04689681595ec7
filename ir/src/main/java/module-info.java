/// The typed tensor graph, the kernels and programs that it becomes, their text forms and
/// interpreters, and diagnostics.
@org.jspecify.annotations.NullMarked
module dev.sinter.ir {
  requires static transitive org.jspecify;
  requires transitive dev.sinter.runtime;

  exports dev.sinter.ir;
  exports dev.sinter.ir.diagnostic;
  exports dev.sinter.ir.interpreter;
  exports dev.sinter.ir.kernel;
  exports dev.sinter.ir.op;
  exports dev.sinter.ir.program;
  exports dev.sinter.ir.text;
}
