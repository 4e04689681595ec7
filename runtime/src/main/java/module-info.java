/// What a compiled model needs when it runs: tensors, models, sessions, workers, weight files.
@org.jspecify.annotations.NullMarked
module dev.sinter.runtime {
  requires static org.jspecify;
  requires static java.management;

  exports dev.sinter.runtime;
  exports dev.sinter.runtime.files;
}
