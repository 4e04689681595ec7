/// Data sources and the training loop of compiled models.
@org.jspecify.annotations.NullMarked
module dev.sinter.training {
  requires static transitive org.jspecify;
  requires de.siegmar.fastcsv;
  requires transitive dev.sinter.runtime;

  exports dev.sinter.training;
}
