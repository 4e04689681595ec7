/// Data sources and the training loop of compiled models.
@org.jspecify.annotations.NullMarked
module dev.sinter.training {
  requires static org.jspecify;
  requires transitive dev.sinter.runtime;
}
