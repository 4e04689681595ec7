package dev.sinter.benchmarks.peers;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A training step that Sinter has compiled, and the session whose states it updates.
final class SinterStep implements Contestant {
  private final Session session;
  private final String entry;
  private final List<Map<String, Tensor>> batches = new ArrayList<>();
  private final Tensor iteration = Tensor.zeros(DType.I32);
  private final Map<String, Tensor> results = new LinkedHashMap<>();
  private int turns;

  /// @param batches the fields of batches that take turns
  SinterStep(Model model, List<Map<String, Tensor>> batches, int threads) {
    session = model.session(threads);
    var spec = model.spec().entries().getFirst();
    entry = spec.name();
    for (Map<String, Tensor> batch : batches) {
      Map<String, Tensor> arguments = new LinkedHashMap<>(batch);
      if (spec.inputs().stream().map(TensorSpec::name).anyMatch("iteration"::equals)) {
        arguments.put("iteration", iteration);
      }
      this.batches.add(arguments);
    }
    spec.outputs().forEach(output -> results.put(output.name(), Tensor.zeros(output.dtype())));
  }

  @Override
  public String name() {
    return "sinter";
  }

  @Override
  public void run() {
    Map<String, Tensor> batch = batches.get(turns % batches.size());
    turns++;
    iteration.setLong(0, turns);
    session.run(entry, batch, results);
  }

  @Override
  public Map<String, Tensor> results() {
    return results;
  }

  @Override
  public void close() {
    session.close();
  }
}
