/// The graph of a model, the kernels it is lowered to, their text forms, verifiers and interpreter.
@org.jspecify.annotations.NullMarked
module dev.sinter.ir {
  requires static transitive org.jspecify;
  requires transitive dev.sinter.runtime;

  exports dev.sinter.ir.diagnostic;
}
