package dev.sinter.benchmarks.peers;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What Sinter has compiled, a network or a training step, and a session of it, whose states a step
/// updates.
final class SinterContestant implements Contestant {
  private final Session session;
  private final String entry;
  private final List<Map<String, Tensor>> arguments;
  private final Tensor iteration;
  private final Map<String, Tensor> results;
  private int runs;

  private SinterContestant(
      Session session,
      String entry,
      List<Map<String, Tensor>> arguments,
      Tensor iteration,
      Map<String, Tensor> results) {
    this.session = session;
    this.entry = entry;
    this.arguments = arguments;
    this.iteration = iteration;
    this.results = results;
  }

  /// A network, which has run once.
  static SinterContestant network(Model model, Map<String, Tensor> arguments, int threads) {
    Session session = model.session(threads);
    String entry = model.spec().entries().getFirst().name();
    Tensor iteration = Tensor.zeros(DType.I32);
    Map<String, Tensor> results = session.run(entry, arguments);
    return new SinterContestant(session, entry, List.of(arguments), iteration, results);
  }

  /// A training step, which has not run.
  ///
  /// @param batches the fields of batches that take turns
  static SinterContestant step(Model model, List<Map<String, Tensor>> batches, int threads) {
    EntrySpec spec = model.spec().entries().getFirst();
    Tensor iteration = Tensor.zeros(DType.I32);
    List<Map<String, Tensor>> arguments = new ArrayList<>();
    for (Map<String, Tensor> batch : batches) {
      Map<String, Tensor> all = new LinkedHashMap<>(batch);
      if (spec.inputs().stream().map(TensorSpec::name).anyMatch("iteration"::equals)) {
        all.put("iteration", iteration);
      }
      arguments.add(all);
    }
    Map<String, Tensor> results = new LinkedHashMap<>();
    spec.outputs().forEach(output -> results.put(output.name(), Tensor.zeros(output.dtype())));
    return new SinterContestant(model.session(threads), spec.name(), arguments, iteration, results);
  }

  @Override
  public String name() {
    return "sinter";
  }

  @Override
  public void run() {
    Map<String, Tensor> turn = arguments.get(runs % arguments.size());
    runs++;
    iteration.setLong(0, runs);
    session.run(entry, turn, results);
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
