/// Graph to graph to fused graph to program, for each target.
@org.jspecify.annotations.NullMarked
module dev.sinter.passes {
  requires static org.jspecify;
  requires transitive dev.sinter.ir;

  exports dev.sinter.passes;
  exports dev.sinter.passes.cpu;
  exports dev.sinter.passes.gpu;
  exports dev.sinter.passes.tuning;
}
