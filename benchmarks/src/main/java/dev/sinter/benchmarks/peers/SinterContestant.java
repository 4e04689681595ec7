package dev.sinter.benchmarks.peers;

import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.Map;

/// A network that Sinter has compiled.
final class SinterContestant implements Contestant {
  private final Session session;
  private final String entry;
  private final Map<String, Tensor> arguments;
  private final Map<String, Tensor> results;

  SinterContestant(Model model, Map<String, Tensor> arguments, int threads) {
    this.arguments = arguments;
    session = model.session(threads);
    entry = model.spec().entries().getFirst().name();
    results = session.run(entry, arguments);
  }

  @Override
  public String name() {
    return "sinter";
  }

  @Override
  public void run() {
    session.run(entry, arguments, results);
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
