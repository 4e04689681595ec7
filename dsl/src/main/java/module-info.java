/// The Sinter language: text to a graph.
@org.jspecify.annotations.NullMarked
module dev.sinter.dsl {
  requires static transitive org.jspecify;
  requires transitive dev.sinter.ir;
  requires org.antlr.antlr4.runtime;

  exports dev.sinter.dsl;
  exports dev.sinter.dsl.ast;
  exports dev.sinter.dsl.load;
  exports dev.sinter.dsl.write;
}
