package dev.sinter.benchmarks;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.Compiler;
import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A model from a text, compiled and loaded, with arguments of random numbers.
final class CompiledText implements AutoCloseable {
  private final Model model;
  private final Session session;
  private final String entry;
  private final Map<String, Tensor> arguments = new LinkedHashMap<>();
  private final Map<String, Tensor> results;

  /// @param text a text whose model is called `M`, all sizes constant
  CompiledText(String text, int threads) {
    Elaborator elaborator = new Elaborator(warning -> {});
    var sources =
        elaborator.read(new SourceText("benchmark.sinter", text), path -> Optional.empty());
    var graph = elaborator.elaborate(sources, "M", Map.of());
    model = new Compiler(CompileOptions.DEFAULT).compile(graph).load(1);
    session = model.session(threads);
    var spec = model.spec().entries().getFirst();
    entry = spec.name();
    Random random = new Random(1);
    for (int i = 0; i < spec.inputs().size(); i++) {
      var type = graph.entries().getFirst().input(i).type();
      long[] shape = type.shape().stream().mapToLong(d -> d.constant()).toArray();
      Tensor tensor = Tensor.allocate(type.dtype(), shape);
      for (long j = 0; j < tensor.size(); j++) {
        tensor.setDouble(j, random.nextDouble() - 0.5);
      }
      arguments.put(spec.inputs().get(i).name(), tensor);
    }
    results = session.run(entry, arguments);
  }

  /// Runs the model once, into the same results.
  Map<String, Tensor> run() {
    session.run(entry, arguments, results);
    return results;
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
