package dev.sinter.benchmarks.peers;

import dev.sinter.benchmarks.gates.Fault;
import dev.sinter.benchmarks.gates.GateCheck;
import dev.sinter.benchmarks.gates.GateDocument;
import dev.sinter.benchmarks.gates.GateRow;
import dev.sinter.benchmarks.gates.KnownFaults;
import dev.sinter.ir.diagnostic.DiagnosticException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/// A row's network in this JVM, on one thread, until the JIT has done with it; and what the gates
/// say then.
final class GateTrial {
  private GateTrial() {}

  /// @param home the checkout
  /// @param seconds how long the JIT must have had next to nothing to do, and then how long to look
  static GateRow run(Row row, Path home, double seconds) throws IOException {
    KnownFaults known = KnownFaults.read(home.resolve("benchmarks/gates-known.tsv"));
    try (GateCheck check = new GateCheck()) {
      if (TrainingStep.isNamed(row.network())) {
        try (TrainingTrial trial = new TrainingTrial(RowFile.step(row), check::load)) {
          run(check, () -> trial.ours(1), seconds);
        }
      } else {
        RowFile file = RowFile.of(row, home);
        try (Trial trial = new Trial(file.file(), row.weights(), check::load)) {
          var arguments = trial.arguments(file.shapes());
          run(check, () -> trial.ours(arguments, 1), seconds);
        }
      }
      return check.row(row.id(), row.network(), known);
    } catch (DiagnosticException | IllegalArgumentException e) {
      return GateRow.failed(row.id(), String.valueOf(e.getMessage()));
    }
  }

  /// The same in a JVM of its own, and in a second where the first finds a new fault: what the JIT
  /// inlines near its bounds differs from one JVM to the next.
  static GateRow fork(Row row, Path home, double seconds) throws IOException {
    GateRow first = forked(row, home, seconds);
    return first.faults().stream().anyMatch(Fault::isNew) ? forked(row, home, seconds) : first;
  }

  private static GateRow forked(Row row, Path home, double seconds) throws IOException {
    List<String> arguments =
        List.of(
            "--suite", Bench.GATES, "--only", row.pattern(), "--seconds", String.valueOf(seconds));
    try {
      return Fork.run(home, arguments, GateDocument.class).rows().getFirst();
    } catch (IllegalArgumentException e) {
      return GateRow.failed(row.id(), String.valueOf(e.getMessage()));
    }
  }

  /// Once as it is, then, since that may have left anything in states, with states as they begin.
  private static void run(
      GateCheck check, Supplier<? extends Contestant> contestant, double seconds) {
    try (Contestant ours = contestant.get()) {
      Race.warm(ours, seconds);
      check.repeated(ours::run);
    }
    try (Contestant ours = contestant.get()) {
      Race.warm(ours, seconds);
      check.measured(ours::run, seconds);
    }
  }
}
