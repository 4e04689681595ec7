package dev.sinter.codegen.java;

import dev.sinter.codegen.jar.InMemoryCompiler;
import dev.sinter.codegen.jar.ModelDescription;
import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.ir.program.ProgramSet;
import java.util.List;
import java.util.Optional;

/// The tiny model as a JAR.
public final class TinyModelJar {
  private TinyModelJar() {}

  /// Builds it anew.
  public static ModelJar build() {
    ProgramSet set = TinyModel.programs();
    GeneratedNames names = GeneratedNames.of(set);
    ProgramEmitter emitter = new ProgramEmitter(set, names);
    List<SourceFile> sources = emitter.emit();
    return new ModelJar(
        names,
        ModelDescription.of(set, emitter.spec(), names),
        sources,
        new InMemoryCompiler().compile(sources),
        Optional.empty());
  }
}
